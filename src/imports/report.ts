import type { ImportCounts } from "../csv/report.ts";

/** An import that took in the same bytes before. */
export interface EarlierImport {
  readonly importId: bigint;
  readonly operator: string;
  readonly finishedAt: Date;
  readonly rejected: number;
  /** An absolute path. */
  readonly rejectsFile: string | null;
  readonly rejectsSha256: string | null;
}

/** What one import read and did: printed, and stored with the same figures. */
export interface ImportReport extends ImportCounts {
  /** Undefined for a dry run and for a file that was taken in before. */
  readonly importId: bigint | undefined;
  readonly kind: string;
  readonly file: string;
  /** The member of an archive that was read; undefined for a file that is none. */
  readonly member: string | undefined;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly encoding: string;
  readonly profile: string;
  /** Rows that are none of this kind, by the word that the file calls them; they are not among those read. */
  readonly otherRows: readonly (readonly [word: string, rows: number])[];
  /** Reason code and number of rows, the commonest first. */
  readonly reasons: readonly (readonly [code: string, rows: number])[];
  /** The first few rejects, for the eye. */
  readonly examples: readonly { readonly line: number; readonly column: string | undefined; readonly message: string }[];
  readonly rejectsFile: string | undefined;
  readonly seconds: number;
  readonly dryRun: boolean;
  /** The import that took in the same bytes before: then nothing was read. */
  readonly earlier: EarlierImport | undefined;
}
