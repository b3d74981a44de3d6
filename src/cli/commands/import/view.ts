import type { StayingRow } from "../../../domain/corrections/undo-subject.ts";
import type { KeptReject, RecordedImport } from "../../../imports/query-sql.ts";
import type { ImportNotes } from "../../../imports/report.ts";
import type { ImportStory } from "../../../imports/show.ts";
import { figure, id, type Field, type Fields, type Thing } from "../../fields.ts";
import { countText } from "../../import-view.ts";

const rows = (of: (one: RecordedImport) => number) => figure<RecordedImport>(of, { text: (one) => countText(of(one)) });

/** What a report says beside its counts, in the order in which jsonb keeps it. */
const notes: Readonly<Record<keyof ImportNotes, Field<RecordedImport>>> = {
  member: { of: (one) => one.notes.member },
  orders: figure((one) => one.notes.orders),
  options: { of: (one) => one.notes.options },
  declared: { of: (one) => one.notes.declared },
  delimiter: { of: (one) => one.notes.delimiter },
  evidence: { of: (one) => one.notes.evidence },
  statement: { of: (one) => one.notes.statement },
  other_rows: { of: (one) => one.notes.other_rows },
  header_line: figure((one) => one.notes.header_line),
  passed_over: { of: (one) => one.notes.passed_over },
  over_refunded: { of: (one) => one.notes.over_refunded },
  profile_reason: { of: (one) => one.notes.profile_reason },
  members_created: figure((one) => one.notes.members_created),
  rejected_amount: figure((one) => one.notes.rejected_amount),
  read_otherwise_by: figure((one) => one.notes.read_otherwise_by),
};

const fields: Fields<RecordedImport> = {
  import_id: figure((one) => one.importId, { heading: "import" }),
  kind: { of: (one) => one.kind },
  file: { of: (one) => one.file, keeps: "end", atLeast: 24 },
  sha256: id((one) => one.sha256),
  bytes: figure((one) => one.byteSize),
  encoding: { of: (one) => one.encoding },
  profile: { of: (one) => one.profile },
  read: rows((one) => one.read),
  inserted: rows((one) => one.inserted),
  updated: rows((one) => one.updated),
  duplicate: rows((one) => one.duplicate),
  rejected: rows((one) => one.rejected),
  reasons: { of: (one) => one.reasons },
  rejects_file: { of: (one) => one.rejectsFile },
  operator: { of: (one) => one.operator, heading: "by", rank: 2 },
  host: { of: (one) => one.host },
  started_at: { of: (one) => one.startedAt, key: true },
  finished_at: { of: (one) => one.finishedAt, heading: "imported", key: true },
  undone_by: { of: (one) => one.undoneBy },
  ...notes,
  reading: { of: (one) => one.reading },
};

/** A file that was imported, as it is recorded. */
export const recordedImport: Thing<RecordedImport> = {
  fields,
  columns: ["import_id", "finished_at", "operator", "kind", "file", "read", "inserted", "updated", "rejected"],
};

/** The same, and what became of its rejects file. */
export const importStory: Thing<ImportStory> = {
  fields: { ...fields, rejects_file_state: { of: (one) => one.rejectsFileState ?? null } },
};

/** A row that would stay if its import were undone. */
export const stayingRow: Thing<StayingRow> = {
  fields: {
    thing: { of: (one) => one.thing, text: (one) => one.thing.replaceAll("_", " ") },
    name: id((one) => one.name),
    code: { of: (one) => one.code },
    reason: { of: (one) => one.reason, atLeast: 24 },
  },
  columns: ["thing", "name", "reason"],
};

/** A rejected row that the database keeps. */
export const keptReject: Thing<KeptReject> = {
  fields: {
    record: figure((one) => one.record, { text: (one) => countText(one.record) }),
    line: figure((one) => one.line, { text: (one) => countText(one.line) }),
    column: { of: (one) => one.heading, key: true },
    code: { of: (one) => one.code, key: true },
    reason: { of: (one) => one.message, key: true },
  },
  columns: ["record", "line", "column", "reason"],
};
