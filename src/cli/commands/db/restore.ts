import { restore, type RestoreReport } from "../../../backup/restore.ts";
import { shellWord } from "../../../shared/shell-word.ts";
import { defineCommand } from "../../command.ts";
import { isConfirmed } from "../../confirm.ts";
import { requireEmbedded } from "../../embedded-only.ts";
import { exitCodes } from "../../exit-codes.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue db restore /backups/accrue-2026-01-04.backup",
      "into a home that has no database yet; verified before it takes its place",
    ],
    [
      "accrue db restore /backups/accrue-2026-01-04.backup --dry-run",
      "try a backup out: unpack, recover and verify it, beside whatever runs, and throw it away",
    ],
    [
      "accrue db restore /backups/accrue-2026-01-04.backup --replace",
      "put the database that is there aside (it is kept), and the backup in its place",
    ],
  ],
  configure: (command) =>
    command
      .argument("<file>", "what `accrue db backup` wrote")
      .option("--replace", "where there is a database: put it aside, under another name")
      .option("--yes", "do not ask")
      .option("--dry-run", "do everything but the last step, and leave all as it is"),
  run: async (session, [file], { replace = false, yes }) => {
    const { isDry } = session;
    requireEmbedded(
      session.settings,
      "restore",
      () =>
        `into an empty database: \`pg_restore --exit-on-error --no-owner --dbname=accrue ${shellWord(file)}\`, of what pg_dump wrote`,
    );
    const question = { text: `Put the database in ${session.paths.dataDir} aside, and ${file} in its place?` };
    if (replace && !isDry && !(await isConfirmed(session.ui, question, yes))) return;
    const { paths, env, signal, ui } = session;
    const report = await restore(file, {
      server: { paths, env, signal, onNote: (text) => ui.note(text) },
      mayReplace: replace,
      isRehearsal: isDry,
      signal,
      onProgress: (progress) => ui.progress(progress),
      contextOf: (db) => session.contextOn(db),
    });
    await ui.show(reportDocument(report, isDry), (page) => {
      page.line(
        isDry
          ? `dry run: ${report.file} can be restored; nothing was changed`
          : `restored ${report.file} as ${report.dataDirectory}`,
      );
      page.facts([
        ["taken at", report.description.taken_at],
        ["data", `PostgreSQL ${report.description.server_version}, schema version ${report.proof.schema.applied}`],
        ["verified", verifiedText(report)],
        ["put aside", report.putAside],
        ["took", `${report.seconds} s`],
      ]);
      page.line(
        "payout accounts open under the secret key alone that they were sealed under, which is in no backup: `accrue doctor` shows whether it is at hand",
      );
    });
    return report.proof.verification?.ok === false ? exitCodes.findings : exitCodes.done;
  },
});

function verifiedText({ proof: { verification, schema } }: RestoreReport): string {
  if (verification === undefined)
    return `not yet: its schema is ${schema.state === "older" ? `version ${schema.applied} of ${schema.needed}` : "not set up"}; run \`accrue init\`, then \`accrue verify\``;
  const failed = verification.checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return `all ${verification.checks.length} checks hold`;
  return `NOT: ${failed.map(({ name }) => name).join(", ")} found something wrong, as they would have when it was taken; \`accrue verify\` shows more`;
}

const reportDocument = (
  { file, description, proof, dataDirectory, putAside, seconds }: RestoreReport,
  isDry: boolean,
) => ({
  file,
  taken_at: description.taken_at,
  server_version: description.server_version,
  schema: { state: proof.schema.state, applied: proof.schema.applied, needed: proof.schema.needed },
  verified: proof.verification?.ok ?? null,
  failed_checks: proof.verification?.checks.filter(({ ok }) => !ok).map(({ name }) => name) ?? null,
  data_directory: dataDirectory,
  put_aside: putAside ?? null,
  seconds,
  dry_run: isDry,
});
