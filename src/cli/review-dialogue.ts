import type { Ui } from "../ui/ui.ts";
import type { Page } from "../ui/page.ts";
import { usageError } from "../shared/errors.ts";
import { reasonProblem } from "../shared/text.ts";
import type { Verdict } from "../shared/verdict.ts";

type Answer = "approve" | "reject" | "skip" | "keep" | "back" | "quit";

/** Something that was looked at, and what was decided about it. */
export interface Decided<Subject> {
  readonly subject: Subject;
  readonly verdict: Verdict;
}

/** A verdict, as a person reads it. */
export const verdictText = (verdict: Verdict): string =>
  verdict.decision === "approve" ? "approve" : `reject: ${verdict.reason}`;

/** What a review is about: one kind of things, each with a number, that wait for a decision. */
export interface Reviewed<Subject> {
  /** Their numbers, in the order in which they are shown. */
  readonly queue: AsyncIterator<string, void>;
  /** All that a reviewer needs of one; where it waits no more, a sentence that says so. */
  readonly lookAt: (number: string) => Promise<{ readonly subject: Subject } | { readonly gone: string }>;
  readonly canApprove: (subject: Subject) => boolean;
  readonly screen: (page: Page, subject: Subject, verdict: Verdict | undefined) => void;
  /** Reads what else the summary shows; returns the function that lays the summary out. */
  readonly summary: (decided: readonly Decided<Subject>[], skipped: number) => Promise<(page: Page) => void>;
}

/**
 * Refuses a review where nobody can answer.
 *
 * @param instead what does without questions, as the hint says it
 */
export function requireReviewer({ interactive }: Pick<Ui, "interactive">, noun: string, instead: string): void {
  if (interactive) return;
  throw usageError("review_needs_terminal", `a review asks about each ${noun}, and there is no terminal to ask on`, {
    hint: instead,
  });
}

/**
 * Goes through a queue with a reviewer, one screen each, to and fro. Nothing is written: it ends with what the reviewer
 * wants to have written.
 */
export class ReviewDialogue<Subject> {
  readonly #ui: Ui;
  readonly #reviewed: Reviewed<Subject>;
  /** The numbers that came out of the queue so far, and where the reviewer stands among them. */
  readonly #numbers: string[] = [];
  #at = 0;
  readonly #decided = new Map<string, Decided<Subject>>();
  #lastReason: string | undefined;

  constructor(ui: Ui, reviewed: Reviewed<Subject>) {
    this.#ui = ui;
    this.#reviewed = reviewed;
  }

  /**
   * Asks until the reviewer is done, and says so where nothing is to be written.
   *
   * @returns what is to be written, by number; undefined when nothing is
   */
  async run(): Promise<ReadonlyMap<string, Verdict> | undefined> {
    const verdicts = await this.#ask();
    if (verdicts === undefined)
      this.#ui.note(this.#numbers.length === 0 ? "nothing waits for your decision" : "nothing was changed");
    return verdicts;
  }

  async #ask(): Promise<ReadonlyMap<string, Verdict> | undefined> {
    for (;;) {
      const present = await this.#present();
      if (present !== undefined && (await this.#answer(...present)) !== "quit") continue;
      if (this.#decided.size === 0) return undefined;
      const choice = await this.#confirm();
      if (choice === "discard") return undefined;
      if (choice === "write") return new Map([...this.#decided].map(([number, { verdict }]) => [number, verdict]));
      this.#at = Math.min(this.#at, this.#numbers.length - 1);
    }
  }

  /**
   * Where the reviewer stands; undefined after the last one. What somebody else decided meanwhile is reported and
   * passed over.
   */
  async #present(): Promise<readonly [number: string, subject: Subject] | undefined> {
    for (;;) {
      if (this.#at === this.#numbers.length) {
        const { value, done } = await this.#reviewed.queue.next();
        if (done === true) return undefined;
        this.#numbers.push(value!);
      }
      const number = this.#numbers[this.#at]!;
      const found = await this.#reviewed.lookAt(number);
      if ("subject" in found) return [number, found.subject];
      this.#ui.note(`${found.gone}: nothing is left to do about it`);
      this.#numbers.splice(this.#at, 1);
      this.#decided.delete(number);
    }
  }

  async #answer(number: string, subject: Subject): Promise<Answer> {
    const verdict = this.#decided.get(number)?.verdict;
    await this.#ui.tell((page) => this.#reviewed.screen(page, subject, verdict));
    const count = this.#decided.size;
    const answer = await this.#ui.choose(count === 0 ? number : `${number} (${count} decided)`, [
      ...(this.#reviewed.canApprove(subject) ? [choice("a", "approve")] : []),
      choice("r", "reject"),
      choice("s", "skip"),
      ...(verdict === undefined ? [] : [choice("k", "keep")]),
      ...(this.#at === 0 ? [] : [choice("b", "back")]),
      choice("q", "quit"),
    ]);
    if (answer === "back") this.#at -= 1;
    if (answer === "back" || answer === "quit") return answer;
    if (answer === "approve") this.#decided.set(number, { subject, verdict: { decision: "approve" } });
    if (answer === "skip") this.#decided.delete(number);
    if (answer === "reject") {
      const reason = await this.#askReason();
      if (reason === "") return answer;
      this.#decided.set(number, { subject, verdict: { decision: "reject", reason } });
    }
    this.#at += 1;
    return answer;
  }

  /** Asks why; the reason before is offered again, and an empty answer is none: then it is shown once more. */
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
    const skipped = this.#numbers.filter((number) => !this.#decided.has(number)).length;
    await this.#ui.tell(await this.#reviewed.summary([...this.#decided.values()], skipped));
    return this.#ui.choose("Write this", [choice("w", "write"), choice("b", "back"), choice("d", "discard")]);
  }
}

const choice = <Name extends string>(key: string, name: Name) => ({ key, name, value: name });
