import { rotateKey, type KeyChangeReport } from "../../../domain/accounts/rotate.ts";
import { readSecretKey } from "../../../config/secret-key.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import { secretKeysOf } from "../../secret-box.ts";
import type { Session } from "../../session.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue db rotate-key --old-key-file /etc/accrue/secret.key.old",
      "seal every payout account under the key that is set now; may be interrupted and run again",
    ],
    ["accrue db rotate-key --yes", "the old key from ACCRUE_SECRET_KEY_OLD, without a question"],
  ],
  configure: (command) =>
    command
      .option(
        "--old-key-file <path>",
        "the key that the accounts are under now (default: ACCRUE_SECRET_KEY_OLD, else its _FILE)",
      )
      .option("--yes", "do not ask")
      .option("--dry-run", "open and seal everything, and roll it back"),
  run: async (session, _args, { oldKeyFile, yes }) => {
    const { isDry } = session;
    const keys = keysFor(session, oldKeyFile);
    if (
      !isDry &&
      yes !== true &&
      !(await session.ui.confirm(
        "Seal every payout account under the new key? Who works with the old one has to change over.",
      ))
    ) {
      session.ui.note("nothing was changed");
      return;
    }
    const report = await rotateKey(await session.open(), keys);
    await session.ui.show(reportDocument(report, isDry), (page) => {
      const { fromKey, toKey, rotated, unreadable, underOtherKeys } = report;
      page.line(
        rotated === 0
          ? `no payout account is left under key ${fromKey} to be sealed anew`
          : `${isDry ? "dry run: " : ""}sealed ${rotated} payout accounts under key ${toKey} instead of ${fromKey}`,
      );
      if (unreadable > 0)
        page.line(
          `${unreadable} do not open under the old key and stay as they are: accounts ${report.unreadableAccounts.join(", ")}`,
        );
      if (underOtherKeys > 0n)
        page.line(`${underOtherKeys} are under other keys: run this again with each of those as the old key`);
    });
    return report.unreadable > 0 || report.underOtherKeys > 0n ? exitCodes.findings : exitCodes.done;
  },
});

function keysFor(session: Session, oldKeyFile: string | undefined): { readonly from: Buffer; readonly to: Buffer } {
  const { present: to, old } = secretKeysOf(session);
  const from =
    oldKeyFile === undefined
      ? old
      : readSecretKey({ value: { kind: "file", path: oldKeyFile }, origin: "--old-key-file" }, process.getuid?.());
  if (to === undefined)
    throw usageError("secret_key_missing", "no secret key is set, so there is none to go over to", {
      hint: "set the new key in ACCRUE_SECRET_KEY or ACCRUE_SECRET_KEY_FILE",
    });
  if (from === undefined)
    throw usageError("old_secret_key_missing", "the old key is not given", {
      hint: "give --old-key-file, or set ACCRUE_SECRET_KEY_OLD",
    });
  return { from, to };
}

const reportDocument = (
  { fromKey, toKey, rotated, unreadable, unreadableAccounts, underOtherKeys }: KeyChangeReport,
  isDry: boolean,
) => ({
  from_key: fromKey,
  to_key: toKey,
  rotated,
  unreadable,
  unreadable_accounts: unreadableAccounts,
  under_other_keys: underOtherKeys,
  dry_run: isDry,
});
