import { keyFile } from "./place.ts";

/** One command of the story, as a user would type it after `accrue`. */
export interface Step {
  /** Said before the command. */
  readonly before?: string;
  readonly words: readonly string[];
  /** The exit code that belongs to the story; 0 when not given. */
  readonly exitCode?: number;
  /** Said after it: what its figures or its refusal mean. */
  readonly after?: string;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Who is at work unless a command names somebody else. */
export const maker = "li.wei";
const checker = "zhang.min";

const step = (words: string, facts: Omit<Step, "words"> = {}): Step => ({ words: words.split(" "), ...facts });

/**
 * The main job on the sample files, on a database that was empty before: every number in it is the same each time. A
 * command that ends otherwise than the story has it ends the demo.
 */
export const story: readonly Chapter[] = [
  {
    title: "A platform: its schema, members, merchants and products",
    steps: [
      step("init"),
      step("member import fixtures/members.csv"),
      step("merchant import fixtures/merchants.csv"),
      step("product import fixtures/products.csv"),
    ],
  },
  {
    title: "The first day",
    steps: [
      step("order import fixtures/orders-2026-01-01.csv"),
      step("grant run --business-date 2026-01-01"),
      step("member statement M1001", {
        after:
          "100.00 yuan x 30% x 70% is 21 points. 150.00 yuan is 31.5, rounded half up 32: exact integers, never a float.",
      }),
      step("order import fixtures/orders-2026-01-01.csv", { before: "The same file again does no harm:" }),
    ],
  },
  {
    title: "The second day: late orders, a payment that came in, and a member nobody has heard of",
    steps: [
      step("order import fixtures/orders-2026-01-02.csv", {
        exitCode: 3,
        after: "2 rows wait in the rejects file, as they came, with the reason. Mend the cause and import that file:",
      }),
      step("member register --member-no M1041 --name 周小川 --phone 13810999999 --yes"),
      step("order import fixtures/orders-2026-01-02.rejects.csv"),
      step("grant run --business-date 2026-01-02"),
    ],
  },
  {
    title: "The third day: refunds of the first day's orders, and rows that cannot be right",
    steps: [
      step("order import fixtures/orders-2026-01-03.csv", {
        exitCode: 3,
        after: "A refund is an update; a changed amount, a number that Excel spoilt and half a fen are refused.",
      }),
      step("grant run --business-date 2026-01-03 --dry-run"),
      step("grant run --business-date 2026-01-03"),
      step("order show 0101-0002", {
        after: "50.00 of the 150.00 went back, so 11 of the 32 points did: 21 stay, as for 100.00.",
      }),
    ],
  },
  {
    title: "Points into cash: one operator asks, another decides",
    steps: [
      step(`db new-key --file ${keyFile}`, { before: "Payout accounts are stored sealed under a key of yours:" }),
      step("account add M1001 --channel alipay --holder 王芳 --account-file fixtures/alipay-of-M1001.txt --yes"),
      step("policy set --cooling-off-hours 0 --confirm 0 --reason demo", {
        before: "A member waits a day after a change of account. Not in this demo, if another operator agrees:",
      }),
      step(`operator add ${checker} --role admin`),
      step(`approval approve A00000001 --yes --operator ${checker}`),
      step("withdrawal request --member M1001 --points 100", {
        after: "100 points are held: a fee of 5.00, and 95.00 to pay out.",
      }),
      step("withdrawal request --member M1002 --points 200"),
      step("withdrawal request --member M1003 --points 20", { exitCode: 4 }),
      step("withdrawal list --status requested"),
      step("withdrawal approve W00000001 --yes", {
        before: `${maker} asked for it, so ${maker} cannot approve it:`,
        exitCode: 4,
      }),
      step(`withdrawal approve W00000001 --yes --operator ${checker}`),
      {
        words: [
          "withdrawal",
          "reject",
          "W00000002",
          "--reason",
          "the bank account is in another name",
          "--yes",
          "--operator",
          checker,
        ],
      },
      step("payout export --channel alipay --output .", {
        before: "The file for the channel, and what the channel answers:",
      }),
      step("payout result fixtures/payout-answer.csv"),
      step("member statement M1001"),
    ],
  },
  {
    title: "Does it all add up?",
    steps: [
      step("report fund", {
        after:
          "Rounding half up gives members a few fen more than the fund took in. The shortfall is told, not hidden.",
      }),
      step("verify"),
    ],
  },
];

/** What the exit codes of the story mean, for those who do not know them by heart. */
export const exitCodeWords: Readonly<Record<number, string>> = {
  3: "finished, some rows were rejected",
  4: "refused by a rule, nothing changed",
};

/** A command line as one would type it: words that a shell would take apart stand in quotes. */
export const commandLine = (words: readonly string[]): string =>
  ["accrue", ...words]
    .map((word) => (/^[\p{L}\p{N}_./:=,@+-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(" ");
