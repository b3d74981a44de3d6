import type { Context } from "../../../db/context.ts";
import { reasonProblem } from "../../../shared/text.ts";
import type { Ui } from "../../../ui/ui.ts";
import { lookAt, type ReviewSubject, type Verdict } from "../../../domain/withdrawals/review.ts";
import { coverageLine } from "../../coverage-line.ts";
import { reviewScreen, reviewSummary, type Decided } from "./review-view.ts";

type Answer = "approve" | "reject" | "skip" | "keep" | "back" | "quit";

/**
 * Goes through a queue of withdrawals with a reviewer, one screen each, to and fro. Nothing is written: it ends with
 * what the reviewer wants to have written.
 */
export class ReviewDialogue {
  readonly #ui: Ui;
  readonly #context: Context;
  readonly #queue: AsyncIterator<string, void>;
  /** The numbers that came out of the queue so far, and where the reviewer stands among them. */
  readonly #numbers: string[] = [];
  #at = 0;
  readonly #decided = new Map<string, Decided>();
  #lastReason: string | undefined;

  constructor(ui: Ui, context: Context, queue: AsyncIterator<string, void>) {
    this.#ui = ui;
    this.#context = context;
    this.#queue = queue;
  }

  /**
   * Asks until the reviewer is done.
   *
   * @returns what is to be written, by withdrawal number; undefined when nothing is
   */
  async run(): Promise<ReadonlyMap<string, Verdict> | undefined> {
    for (;;) {
      const subject = await this.#present();
      if (subject !== undefined && (await this.#answer(subject)) !== "quit") continue;
      if (this.#decided.size === 0) return undefined;
      const choice = await this.#confirm();
      if (choice === "discard") return undefined;
      if (choice === "write")
        return new Map([...this.#decided].map(([withdrawalNo, { verdict }]) => [withdrawalNo, verdict]));
      this.#at = Math.min(this.#at, this.#numbers.length - 1);
    }
  }

  /** Whether there was nothing to ask about. */
  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  /**
   * The withdrawal where the reviewer stands; undefined after the last one. What somebody else decided meanwhile is
   * reported and passed over.
   */
  async #present(): Promise<ReviewSubject | undefined> {
    for (;;) {
      if (this.#at === this.#numbers.length) {
        const { value, done } = await this.#queue.next();
        if (done === true) return undefined;
        this.#numbers.push(value!);
      }
      const withdrawalNo = this.#numbers[this.#at]!;
      const subject = await lookAt(this.#context, withdrawalNo);
      if ("withdrawal" in subject) return subject;
      this.#ui.note(`withdrawal ${withdrawalNo} ${subject.reason}: nothing is left to do about it`);
      this.#numbers.splice(this.#at, 1);
      this.#decided.delete(withdrawalNo);
    }
  }

  async #answer(subject: ReviewSubject): Promise<Answer> {
    const { withdrawal } = subject;
    const { withdrawalNo } = withdrawal;
    const verdict = this.#decided.get(withdrawalNo)?.verdict;
    await this.#ui.tell((page) => reviewScreen(page, subject, verdict, this.#context));
    const count = this.#decided.size;
    const answer = await this.#ui.choose(count === 0 ? withdrawalNo : `${withdrawalNo} (${count} decided)`, [
      ...(subject.refusal === undefined ? [choice("a", "approve")] : []),
      choice("r", "reject"),
      choice("s", "skip"),
      ...(verdict === undefined ? [] : [choice("k", "keep")]),
      ...(this.#at === 0 ? [] : [choice("b", "back")]),
      choice("q", "quit"),
    ]);
    if (answer === "back") this.#at -= 1;
    if (answer === "back" || answer === "quit") return answer;
    if (answer === "approve") this.#decided.set(withdrawalNo, { withdrawal, verdict: { decision: "approve" } });
    if (answer === "skip") this.#decided.delete(withdrawalNo);
    if (answer === "reject") {
      const reason = await this.#askReason();
      if (reason === "") return answer;
      this.#decided.set(withdrawalNo, { withdrawal, verdict: { decision: "reject", reason } });
    }
    this.#at += 1;
    return answer;
  }

  /**
   * Asks why; the reason before is offered again, and an empty answer is none: then the withdrawal is shown once more.
   */
  async #askReason(): Promise<string> {
    const initial = this.#lastReason;
    const message = initial === undefined ? "Why (empty: not after all)" : "Why";
    const reason = await this.#ui.ask(
      {
        message,
        check: (text) => (text === "" ? undefined : reasonProblem(text)),
        ...(initial === undefined ? {} : { initial }),
      },
      "--reason",
    );
    if (reason !== "") this.#lastReason = reason;
    return reason;
  }

  async #confirm(): Promise<"write" | "back" | "discard"> {
    const skipped = this.#numbers.filter((withdrawalNo) => !this.#decided.has(withdrawalNo)).length;
    const coverage = await coverageLine(this.#context);
    await this.#ui.tell((page) => {
      reviewSummary(page, [...this.#decided.values()], skipped);
      coverage(page);
    });
    return this.#ui.choose("Write this", [choice("w", "write"), choice("b", "back"), choice("d", "discard")]);
  }
}

const choice = <Name extends string>(key: string, name: Name) => ({ key, name, value: name });
