import type { Sql, Transaction } from "../db/database.ts";
import type { EarlierImport, ImportReport } from "./report.ts";
import type { ImportKind } from "./kind.ts";

/** Tries to become the only import of its kind. The lock ends with the transaction; unique keys guard what it does not. */
export async function tryLockKind(tx: Transaction, kind: ImportKind["kind"]): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`SELECT pg_try_advisory_xact_lock(hashtext('accrue import'), hashtext(${kind})) AS locked`;
  return row?.locked === true;
}

export async function nextImportId(tx: Transaction): Promise<bigint> {
  const [row] = await tx<{ id: bigint }[]>`SELECT nextval('import_id_seq') AS id`;
  return row!.id;
}

export async function findEarlierImport(sql: Sql, kind: string, sha256: string): Promise<EarlierImport | undefined> {
  const [row] = await sql<EarlierImport[]>`
    SELECT import_id, operator, finished_at, rejected FROM imports
    WHERE kind = ${kind} AND sha256 = ${sha256}
    ORDER BY import_id DESC LIMIT 1`;
  return row;
}

export async function insertImport(
  tx: Transaction,
  report: ImportReport,
  facts: { importId: bigint; operator: string; host: string; startedAt: Date; finishedAt: Date },
): Promise<void> {
  await tx`
    INSERT INTO imports ${tx({
      import_id: facts.importId,
      kind: report.kind,
      file: report.file,
      sha256: report.sha256,
      byte_size: report.sizeBytes,
      encoding: report.encoding,
      profile: report.profile,
      operator: facts.operator,
      host: facts.host,
      started_at: facts.startedAt,
      finished_at: facts.finishedAt,
      read: report.read,
      inserted: report.inserted,
      updated: report.updated,
      duplicate: report.duplicate,
      rejected: report.rejected,
      reasons: tx.json(Object.fromEntries(report.reasons)),
      rejects_file: report.rejectsFile ?? null,
    })}`;
}
