import type { AccruePaths } from "../../../config/paths.ts";
import { reading } from "../../../db/database.ts";
import type { EmbeddedServerStatus } from "../../../db/embedded/stop.ts";
import type { SchemaState } from "../../../db/migrate.ts";
import { databaseStatus } from "../../../db/status.ts";
import { formatBytes } from "../../../shared/bytes.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, chosenOf, figure, tellThing, type Thing } from "../../fields.ts";
import { shownUrl } from "./view.ts";

/** The state of the database: of an embedded server that does not run, only where its files are. */
interface DatabaseState extends Partial<ReturnType<typeof filesDocument>> {
  readonly server: "embedded" | "external";
  readonly state: EmbeddedServerStatus["state"];
  readonly url?: string;
  readonly origin?: string;
  readonly version?: string;
  readonly database?: string;
  readonly user?: string;
  readonly size_bytes?: bigint;
  readonly schema?: Pick<SchemaState, "state" | "applied" | "needed">;
}

const databaseState: Thing<DatabaseState> = {
  fields: {
    server: { of: (one) => one.server },
    state: { of: (one) => one.state },
    url: { of: (one) => one.url },
    origin: { of: (one) => one.origin },
    version: { of: (one) => one.version },
    database: { of: (one) => one.database },
    user: { of: (one) => one.user },
    size_bytes: figure((one) => one.size_bytes),
    schema: { of: (one) => one.schema },
    pid: figure((one) => one.pid),
    data_directory: { of: (one) => one.data_directory },
    data_directory_bytes: figure((one) => one.data_directory_bytes),
    log_file: { of: (one) => one.log_file },
  },
};

export const command = defineCommand({
  examples: [
    ["accrue db status", "which database, which versions, how large; starts nothing"],
    ["accrue db status --json", "the same for a script"],
  ],
  configure: (command) => addFormOptions(command, databaseState),
  run: async (session) => {
    chosenOf(session, databaseState);
    const { origin, value } = session.settings.databaseUrl;
    const embedded = value === undefined ? await embeddedStatus(session.paths) : undefined;
    const kind = embedded === undefined ? "external" : "embedded";
    const files = embedded === undefined ? {} : filesDocument(embedded);
    if (embedded !== undefined && embedded.state !== "running") {
      const stopped = { server: kind, state: embedded.state, ...files } as const;
      return tellThing(session, databaseState, stopped, "", (page) => {
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
    const document: DatabaseState = {
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
    await tellThing(session, databaseState, document, "", (page) => {
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
