import { usageError } from "../../shared/errors.ts";
import type { Page } from "../../ui/page.ts";
import { verify, verifyDate, type CheckResult, type Verification } from "../../verification/verify.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { date } from "../flags.ts";
import { addLogOption } from "../log-option.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue verify",
      "prove that balances, orders, entries, withdrawals and journal agree; exit code 7 when they do not",
    ],
    [
      "accrue verify --business-date 2026-01-31",
      "what one date brought, as `accrue settle` does; the cost follows that date's rows",
    ],
    ["accrue verify --json | jq '.checks[] | select(.ok | not)'", "what is wrong, for a script"],
  ],
  configure: (command) =>
    addLogOption(command)
      .option("--full", "everything (the default)")
      .addOption(date("--business-date <date>", "what this date brought, and no more")),
  run: async (session, _args, { businessDate, full }) => {
    if (businessDate !== undefined && full === true)
      throw usageError("conflicting_options", "--full is everything, --business-date one date", {
        hint: "give one of them",
      });
    const context = await session.openToRead();
    const verification = businessDate === undefined ? await verify(context) : await verifyDate(context, businessDate);
    await session.ui.show(verificationDocument(verification), (page) => verificationPage(page, verification));
    return verification.ok ? exitCodes.done : exitCodes.findings;
  },
});

const verificationDocument = ({ ok, checks }: Verification) => ({
  ok,
  checks: checks.map(({ name, about, ok, checked, found, violations, facts }) =>
    Object.assign({ name, ok, about, checked, found, violations }, facts),
  ),
});

function verificationPage(page: Page, { ok, checks }: Verification): void {
  page.table(
    [
      { heading: "check", key: true },
      { heading: "checked", align: "right" },
      { heading: "result", key: true },
      { heading: "what holds" },
    ],
    checks.map(({ name, checked, ok, found, about }) => [
      name,
      checked.toString(),
      ok ? "ok" : `${found} wrong`,
      about,
    ]),
  );
  for (const { facts } of checks) if (facts !== undefined) page.line().line(wordsOf(facts));
  for (const check of checks) if (!check.ok) violationsOf(page, check);
  const failed = checks.filter((check) => !check.ok).length;
  page
    .line()
    .line(
      ok
        ? `verified: all ${checks.length} checks hold`
        : `NOT verified: ${failed} of ${checks.length} checks found something wrong`,
    );
}

function violationsOf(page: Page, { name, about, found, violations }: CheckResult): void {
  page.line().heading(`${name}: not true that ${about}`);
  for (const violation of violations) page.line(`  ${wordsOf(violation)}`);
  if (found > BigInt(violations.length)) page.line(`  … and ${found - BigInt(violations.length)} more`);
}

const wordsOf = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`)
    .join(", ");
