import { keyIdOf } from "../../domain/accounts/secret-box.ts";
import { readStripeAccess } from "../../config/stripe-access.ts";
import { examine } from "../../doctor/run.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { secretKeysOf } from "../secret-box.ts";

export const command = defineCommand({
  examples: [
    ["accrue doctor", "check this machine, the server and the database; exit 7 when something is wrong"],
    ["accrue doctor --json", "the same for a monitor"],
  ],
  run: async (session) => {
    const checks = await examine({
      nodeVersion: process.version,
      isEmbedded: session.settings.databaseUrl.value === undefined,
      dataDirectory: session.paths.dataDir,
      clock: () => new Date(),
      open: () => session.database(),
      secretKeyId: () => {
        const { present } = secretKeysOf(session);
        return present === undefined ? undefined : keyIdOf(present);
      },
      isStripeKeySet: () => {
        if (session.settings.stripeKey.value === undefined) return false;
        readStripeAccess(session.settings, process.getuid?.());
        return true;
      },
    });
    const wrong = checks.filter(({ status }) => status === "wrong");
    const documents = checks.map(({ name, status, found, why, hint }) => ({
      name,
      status,
      found,
      why: why ?? null,
      hint: hint ?? null,
    }));
    await session.ui.show({ ok: wrong.length === 0, checks: documents }, (page) => {
      page.table(
        [{ heading: "check", key: true }, { heading: "status", key: true }, { heading: "found" }],
        checks.map(({ name, status, found }) => [name, status, found]),
      );
      for (const { name, found, why, hint } of checks.filter((check) => check.why !== undefined))
        page
          .line()
          .line(`${name}: ${found}`)
          .facts([
            ["why", why],
            ["do", hint],
          ]);
      page
        .line()
        .line(summaryOf(checks.length, wrong.length, checks.filter(({ status }) => status === "warning").length));
    });
    return wrong.length === 0 ? exitCodes.done : exitCodes.findings;
  },
});

function summaryOf(checks: number, wrong: number, warnings: number): string {
  if (wrong > 0) return `${wrong} of ${checks} checks found something wrong`;
  return warnings > 0
    ? `nothing is wrong, and ${warnings} of ${checks} checks could be better`
    : "everything is as it should be";
}
