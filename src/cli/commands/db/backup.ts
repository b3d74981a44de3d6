import { backUp, type BackupReport } from "../../../backup/back-up.ts";
import { formatBytes } from "../../../shared/bytes.ts";
import { shellWord } from "../../../shared/shell-word.ts";
import { defineCommand } from "../../command.ts";
import { requireEmbedded } from "../../embedded-only.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue db backup /backups/accrue-2026-01-04.backup",
      "the whole embedded server into one new file, while others work",
    ],
    [
      "accrue db backup /backups/accrue.backup --dry-run",
      "make the copy and throw it away: how long it takes, and how large it gets",
    ],
  ],
  configure: (command) =>
    command.argument("<file>", "a file that does not exist yet").option("--dry-run", "write no file"),
  run: async (session, [file]) => {
    const { isDry } = session;
    requireEmbedded(
      session.settings,
      "back up",
      (place) =>
        `\`pg_dump --format=custom --file=${shellWord(file)}${place === "" ? "" : ` ${place}`}\`, or pg_basebackup for all of the server`,
    );
    const db = await session.database();
    const report = await backUp(
      { db, signal: session.signal, onProgress: (progress) => session.ui.progress(progress) },
      file,
      isDry,
    );
    await session.ui.show(reportDocument(report, isDry), (page) => {
      const { description, dataBytes, sizeBytes, sha256, seconds } = report;
      page.line(
        isDry
          ? "dry run: the database can be backed up; nothing was written"
          : `backed up the database to ${report.file}`,
      );
      page.facts([
        ["file", `${formatBytes(sizeBytes)}${isDry ? "" : `, sha256 ${sha256}`}`],
        [
          "data",
          `${formatBytes(dataBytes)}, PostgreSQL ${description.server_version}, schema version ${description.schema_version}`,
        ],
        ["taken at", description.taken_at],
        ["took", `${seconds} s`],
      ]);
      page.line(
        "not in it: the secret key that payout accounts are sealed under, and the settings; keep copies of them elsewhere",
      );
    });
  },
});

const reportDocument = (
  { file, description, sizeBytes, dataBytes, sha256, seconds }: BackupReport,
  isDry: boolean,
) => ({
  file,
  taken_at: description.taken_at,
  size_bytes: sizeBytes,
  data_bytes: dataBytes,
  sha256: isDry ? null : sha256,
  server_version: description.server_version,
  schema_version: description.schema_version,
  seconds,
  dry_run: isDry,
});
