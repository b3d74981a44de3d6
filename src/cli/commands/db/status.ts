import type { AccruePaths } from "../../../config/paths.ts";
import { reading } from "../../../db/database.ts";
import type { EmbeddedServerStatus } from "../../../db/embedded/stop.ts";
import type { SchemaState } from "../../../db/migrate.ts";
import { databaseStatus } from "../../../db/status.ts";
import { formatBytes } from "../../../shared/bytes.ts";
import { defineCommand } from "../../command.ts";
import { shownUrl } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue db status", "which database, which versions, how large; starts nothing"],
    ["accrue db status --json", "the same for a script"],
  ],
  run: async (session) => {
    const { origin, value } = session.settings.databaseUrl;
    const embedded = value === undefined ? await embeddedStatus(session.paths) : undefined;
    const kind = embedded === undefined ? "external" : "embedded";
    const files = embedded === undefined ? {} : filesDocument(embedded);
    if (embedded !== undefined && embedded.state !== "running") {
      return session.ui.show({ server: kind, state: embedded.state, ...files }, (page) => {
        page.line(
          embedded.state === "absent"
            ? "there is no embedded server yet; `accrue init` sets it up"
            : "the embedded server is stopped; the next command starts it",
        );
        page.facts(fileFacts(embedded));
      });
    }
    const db = await session.database();
    const status = await reading(() => databaseStatus(db));
    const url = await shownUrl(session);
    const { serverVersion, database, user, sizeBytes, schema } = status;
    const document = {
      server: kind,
      state: "running",
      url,
      origin,
      version: serverVersion,
      database,
      user,
      size_bytes: sizeBytes,
      schema: { state: schema.state, applied: schema.applied, needed: schema.needed },
      ...files,
    };
    await session.ui.show(document, (page) => {
      page.facts([
        ["server", kind === "embedded" ? "embedded, running" : `named by ${origin}`],
        ["url", url],
        ["version", `PostgreSQL ${serverVersion}`],
        ["database", `${database}, as ${user}`],
        ["size", formatBytes(Number(sizeBytes))],
        ["schema", schemaText(schema)],
        ...(embedded === undefined ? [] : fileFacts(embedded)),
      ]);
    });
  },
});

/** Loaded only when it is the one: with a server of one's own its code is not needed. */
async function embeddedStatus(paths: AccruePaths): Promise<EmbeddedServerStatus> {
  const { embeddedServerStatus } = await import("../../../db/embedded/stop.ts");
  return embeddedServerStatus({ paths });
}

const filesDocument = ({ dataDirectory, logFile, pid, sizeBytes }: EmbeddedServerStatus) => ({
  pid: pid ?? null,
  data_directory: dataDirectory,
  data_directory_bytes: sizeBytes ?? null,
  log_file: logFile,
});

const fileFacts = ({
  state,
  pid,
  dataDirectory,
  sizeBytes,
  logFile,
}: EmbeddedServerStatus): readonly (readonly [string, string | undefined])[] =>
  state === "absent"
    ? [["would be in", dataDirectory]]
    : [
        ["process", pid?.toString()],
        ["data", `${dataDirectory}${sizeBytes === undefined ? "" : ` (${formatBytes(sizeBytes)})`}`],
        ["log", logFile],
      ];

function schemaText({ state, applied, needed }: SchemaState): string {
  if (state === "current") return `version ${applied}`;
  if (state === "absent") return "none yet: run `accrue init`";
  const next = state === "older" ? ": run `accrue init`" : "";
  return `version ${applied} (${state}); this accrue needs ${needed}${next}`;
}
