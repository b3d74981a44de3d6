import type { Delimiter } from "../csv/quoted-record.ts";
import type { ImportCounts } from "../csv/report.ts";
import type { DeclaredCheck } from "./declared.ts";
import type { EvidenceFacts, OverRefunded, StatementFacts } from "./kind.ts";
import type { Reading, SaidOptions } from "./profile.ts";
import type { RejectExample } from "./rejected-rows.ts";

/** What a report says beside its counts. It has the form of the JSON report, and is stored as it is. */
export interface ImportNotes {
  /** The entry of an archive that was read. */
  readonly member?: string;
  /** What the operator said of how the file is read; absent where that was nothing. */
  readonly options?: SaidOptions;
  /** The last import of the same bytes, read another way. */
  readonly read_otherwise_by?: number;
  /** Why the file was read by that profile, in a sentence. */
  readonly profile_reason: string;
  readonly delimiter: Delimiter;
  /** Physical line of the header, from 1. */
  readonly header_line: number;
  /** Rows that are none of this kind, by the word that the file calls them; they are not among those read. */
  readonly other_rows: Readonly<Record<string, number>>;
  /** How many orders the rows make, where several rows make one. */
  readonly orders?: number;
  /** Where a refund of this file made it so. */
  readonly over_refunded?: OverRefunded;
  readonly statement?: StatementFacts;
  readonly evidence?: EvidenceFacts;
  /** Members registered because rows named them and nobody knew them. */
  readonly members_created: number;
  /** Rows that are no data. */
  readonly passed_over: {
    readonly repeated_headers: number;
    readonly explanations: number;
    readonly blank_rows: number;
    readonly tail_rows: number;
  };
  /** What the file itself says of its rows, held against what was read. */
  readonly declared: readonly DeclaredCheck[];
  /** Yuan that the rejected rows hold, as far as their amounts can be read; absent for files without amounts. */
  readonly rejected_amount?: string;
}

/** An import that took in the same bytes before. */
export interface EarlierImport {
  readonly importId: bigint;
  readonly operator: string;
  readonly finishedAt: Date;
  readonly read: number;
  readonly rejected: number;
  /** Null where only its bytes are known: it is older than readings are recorded. */
  readonly reading: Reading | null;
  /** Whether it read them as they are to be read now. */
  readonly isSame: boolean;
  /** Whether its rows are known by the same as now. */
  readonly isKnownAlike: boolean;
  /** An absolute path. */
  readonly rejectsFile: string | null;
  readonly rejectsSha256: string | null;
}

/** What one import read and did: printed, and stored with the same figures. */
export interface ImportReport extends ImportCounts {
  /** Undefined for a dry run and for a file that was imported before. */
  readonly importId: bigint | undefined;
  readonly kind: string;
  readonly file: string;
  /** The entry of an archive that was read; undefined for a file that is no archive. */
  readonly member: string | undefined;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly encoding: string;
  readonly profile: string;
  /** Reason code and number of rows, the commonest first. */
  readonly reasons: readonly (readonly [code: string, rows: number])[];
  /** A few rejects, for the eye. */
  readonly examples: readonly RejectExample[];
  readonly rejectsFile: string | undefined;
  readonly seconds: number;
  /** Undefined for a file that was imported before: nothing was read. */
  readonly notes: ImportNotes | undefined;
  readonly dryRun: boolean;
  /** The import that took in the same bytes before, read the same way: then nothing was read. */
  readonly earlier: EarlierImport | undefined;
}
