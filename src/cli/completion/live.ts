import type { Sql } from "../../db/database.ts";
import type { Found } from "../../platform/lookups.ts";
import type { Session } from "../session.ts";

/** Asks the database that is at hand; gives nothing where none is, or it takes long, or anything is wrong. */
export type AskDatabase = (question: (sql: Sql) => Promise<readonly Found[]>) => Promise<readonly Found[]>;

type Open = () => Promise<Pick<Session, "databaseAtHand">>;

const limitMs = 1000;

/**
 * Asks within a time that somebody who has pressed a key may wait, connecting included. The transaction is read-only,
 * and the server ends it in that time, too.
 */
export function askWithin(open: Open): AskDatabase {
  return async (question) => {
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<readonly []>((settle) => (timer = setTimeout(settle, limitMs, [])));
    try {
      return await Promise.race([answerOf(open, question, timeIsUp), timeIsUp]);
    } catch {
      return []; // a shell has no place for an error
    } finally {
      clearTimeout(timer);
    }
  };
}

async function answerOf(
  open: Open,
  question: Parameters<AskDatabase>[0],
  timeIsUp: Promise<unknown>,
): ReturnType<AskDatabase> {
  const db = await (await open()).databaseAtHand();
  if (db === undefined) return [];
  try {
    return await db.sql.begin("read only", async (tx) => {
      await tx`SELECT set_config('statement_timeout', ${`${limitMs}ms`}, true)`;
      return question(tx);
    });
  } finally {
    await Promise.race([db.close(), timeIsUp]);
  }
}
