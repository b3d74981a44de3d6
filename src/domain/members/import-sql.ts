import { send, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/**
 * Judges the staged rows by the member import rule, all but their contacts: new, updated, duplicate, or the
 * reason for a reject. The lookups are LATERAL with a LIMIT, so their cost follows the rows of the chunk.
 */
export function judgeStaged(tx: Transaction): Promise<unknown> {
  return send(tx`
    INSERT INTO judged_members
    SELECT s.record,
      CASE
        WHEN m.member_id IS NULL THEN CASE WHEN s.name IS NULL THEN 'name_missing' ELSE 'new' END
        WHEN coalesce(s.name = m.name, true) AND coalesce(s.email = m.email, s.email IS NULL)
        AND coalesce(s.phone = m.phone, s.phone IS NULL)
          AND coalesce(s.is_verified = (m.identity_verified_at IS NOT NULL), true) THEN 'duplicate'
        WHEN m.status = 'closed' THEN 'member_closed'
        WHEN m.identity_verified_at IS NOT NULL AND NOT s.is_verified THEN 'conflict_identity'
        WHEN m.identity_verified_at IS NOT NULL AND s.name <> m.name THEN 'conflict_name'
        ELSE 'updated'
      END,
      NULL, coalesce(m.member_id, s.member_id), s.member_no,
      coalesce(s.name, m.name), coalesce(s.email, m.email), coalesce(s.phone, m.phone), coalesce(s.is_verified, false),
      m.name, m.email, m.phone, m.status, m.identity_verified_at IS NOT NULL
    FROM staged_members s
    LEFT JOIN LATERAL (SELECT n.member_id FROM member_numbers n WHERE n.member_no = s.member_no LIMIT 1) n ON true
    LEFT JOIN LATERAL (
      SELECT t.member_id, t.name, t.email, t.phone, t.status, t.identity_verified_at FROM members t
      WHERE t.member_id = n.member_id LIMIT 1
    ) m ON true`);
}

/**
 * Notes which phones and addresses the rows bring that their members do not have yet, and how many. Case never tells
 * two addresses apart.
 */
export async function noteWantedContacts(tx: Transaction): Promise<number> {
  const { count } = await send(tx`
    INSERT INTO wanted_contacts
    SELECT record, member_id, 'phone', phone, stored_phone FROM judged_members
    WHERE outcome IN ('new', 'updated') AND phone <> coalesce(stored_phone, '')
    UNION ALL
    SELECT record, member_id, 'email', lower(email COLLATE "C"), lower(stored_email COLLATE "C") FROM judged_members
    WHERE outcome IN ('new', 'updated') AND lower(email COLLATE "C") <> coalesce(lower(stored_email COLLATE "C"), '')`);
  return count;
}

/**
 * Rejects the rows that want a contact which another member has.
 *
 * @param evenIfReleased also where that member is about to give it up: the way out of a circle
 * @returns how many rows
 */
export async function rejectTaken(tx: Transaction, evenIfReleased: boolean): Promise<number> {
  const { count } = await tx`
    UPDATE judged_members j SET outcome = t.kind || '_taken', detail = t.member_no
    FROM (
      SELECT DISTINCT ON (w.record) w.record, w.kind, coalesce(m.member_no, h.member_no) AS member_no
      FROM wanted_contacts w
      JOIN LATERAL (SELECT c.member_id FROM member_contacts c WHERE c.value = w.value AND c.kind = w.kind LIMIT 1) c
        ON c.member_id <> w.member_id
      LEFT JOIN LATERAL (SELECT m.member_no FROM members m WHERE m.member_id = c.member_id LIMIT 1) m ON true
      LEFT JOIN judged_members h ON h.member_id = c.member_id -- whoever got it in this very chunk
      WHERE ${evenIfReleased} OR NOT EXISTS (
        SELECT 1 FROM wanted_contacts r WHERE r.member_id = c.member_id AND r.kind = w.kind AND r.old_value = w.value)
      ORDER BY w.record, w.kind DESC
    ) t
    WHERE t.record = j.record`;
  if (count > 0)
    await tx`DELETE FROM wanted_contacts w USING judged_members j
      WHERE j.record = w.record AND j.outcome IN ('phone_taken', 'email_taken')`;
  return count;
}

/** Rejects every row that still waits for a contact which an earlier row wants as well. */
export async function rejectWaiting(tx: Transaction): Promise<void> {
  await tx`
    UPDATE judged_members j SET outcome = w.kind || '_taken'
    FROM (SELECT record, max(kind) AS kind FROM wanted_contacts GROUP BY record) w WHERE w.record = j.record`;
  await tx`TRUNCATE wanted_contacts`;
}

/**
 * Gives all rows all they want, as nearly always can be. Where anybody else has or wants any of it, fewer are
 * given than were wanted: it has to be taken back then.
 *
 * @returns how many contacts were given
 */
export async function giveAllContacts(tx: Transaction): Promise<number> {
  void send(tx`SAVEPOINT before_contacts`).catch(() => {}); // it fails only when the transaction has: the next statement tells
  // In the order of the index: neighbours go on the same pages.
  const { count } = await send(tx`
    INSERT INTO member_contacts (value, kind, member_id)
    SELECT value, kind, member_id FROM wanted_contacts ORDER BY value ON CONFLICT DO NOTHING`);
  return count;
}

/** Keeps what was given to all; what these members had before is free from now on. */
export const keepAllContacts = (tx: Transaction): Promise<unknown> =>
  Promise.all([releaseOld(tx, "wanted_contacts"), send(tx`RELEASE SAVEPOINT before_contacts`)]);

/** Takes back what was given to all. */
export const takeBackAllContacts = (tx: Transaction): Promise<unknown> =>
  Promise.all([send(tx`ROLLBACK TO SAVEPOINT before_contacts`), send(tx`RELEASE SAVEPOINT before_contacts`)]);

const releaseOld = (tx: Transaction, contacts: "wanted_contacts" | "given_contacts") =>
  joiningByIndex(tx, () =>
    send(tx`
      DELETE FROM member_contacts c USING ${tx(contacts)} g
      WHERE g.old_value IS NOT NULL AND c.value = g.old_value AND c.kind = g.kind AND c.member_id = g.member_id`),
  );

/** What came of trying to give contacts to the rows that want them. */
export interface GivenContacts {
  readonly rows: number;
  /** Whether each contact went in: false when another session took one meanwhile. */
  readonly isComplete: boolean;
}

/**
 * Gives their contacts to the rows that can have all they want: nobody has them, and no earlier row wants
 * them. What these members had before is free from then on.
 */
export async function giveFreeContacts(tx: Transaction): Promise<GivenContacts> {
  await tx`TRUNCATE given_contacts`;
  await tx`
    INSERT INTO given_contacts
    WITH first AS (
      SELECT kind, value, min(record) AS record FROM wanted_contacts GROUP BY kind, value
    ), blocked AS (
      SELECT w.record FROM wanted_contacts w
      JOIN first f ON f.kind = w.kind AND f.value = w.value
      LEFT JOIN LATERAL (SELECT c.member_id FROM member_contacts c WHERE c.value = w.value AND c.kind = w.kind
        LIMIT 1) c ON true
      WHERE f.record <> w.record OR c.member_id IS NOT NULL
    )
    SELECT w.* FROM wanted_contacts w WHERE NOT EXISTS (SELECT 1 FROM blocked b WHERE b.record = w.record)`;
  await releaseOld(tx, "given_contacts");
  const given = await tx`
    INSERT INTO member_contacts (value, kind, member_id) SELECT value, kind, member_id FROM given_contacts
    ON CONFLICT DO NOTHING`;
  const [wanted] = await tx<{ contacts: number; rows: number }[]>`
    SELECT count(*)::int AS contacts, count(DISTINCT record)::int AS rows FROM given_contacts`;
  await tx`DELETE FROM wanted_contacts w USING given_contacts g WHERE g.record = w.record`;
  return { rows: wanted!.rows, isComplete: given.count === wanted!.contacts };
}

export async function countWanted(tx: Transaction): Promise<number> {
  const [row] = await tx<{ wanted: number }[]>`SELECT count(*)::int AS wanted FROM wanted_contacts`;
  return row!.wanted;
}

/** Writes the new members with their numbers and balances. @returns how many numbers were still free */
export async function insertNew(tx: Transaction, { importId, operator, now }: MergeFacts): Promise<number> {
  const [numbers] = await Promise.all([
    send(tx`
      INSERT INTO member_numbers (member_no, member_id)
      SELECT member_no, member_id FROM judged_members WHERE outcome = 'new' ON CONFLICT DO NOTHING`),
    send(tx`
      INSERT INTO members (member_id, member_no, name, email, phone, status, identity_verified_at, import_id,
        registered_by, registered_at)
      SELECT member_id, member_no, name, email, phone, 'active', CASE WHEN is_verified THEN ${now}::timestamptz END,
        ${importId}, ${operator}, ${now}
      FROM judged_members WHERE outcome = 'new'`),
    send(tx`INSERT INTO balances (member_id) SELECT member_id FROM judged_members WHERE outcome = 'new'`),
  ]);
  return numbers.count;
}

/**
 * Updates known members, each on the condition that it still is what it was judged by; and records what changed of
 * whom.
 */
export async function updateKnown(tx: Transaction, { importId, operator, host, now }: MergeFacts): Promise<number> {
  const [updated] = await joiningByIndex(tx, () =>
    Promise.all([
      send(tx`
        UPDATE members m
        SET name = j.name, email = j.email, phone = j.phone,
            identity_verified_at = CASE WHEN j.is_verified AND NOT j.stored_is_verified THEN ${now}::timestamptz
              ELSE m.identity_verified_at END
        FROM judged_members j
        WHERE j.outcome = 'updated' AND m.member_id = j.member_id AND m.status = j.stored_status
          AND m.name = j.stored_name
          AND m.email IS NOT DISTINCT FROM j.stored_email AND m.phone IS NOT DISTINCT FROM j.stored_phone
          AND (m.identity_verified_at IS NOT NULL) = j.stored_is_verified`),
      send(tx`
        INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
        SELECT nextval('action_id_seq'), ${operator}, ${host}, (SELECT session_identity()), 'member.update', 'member',
          member_no, jsonb_build_object('import_id', ${importId}::bigint, 'changed', concat_ws(' ',
            CASE WHEN name <> stored_name THEN 'name' END,
            CASE WHEN email IS DISTINCT FROM stored_email THEN 'email' END,
            CASE WHEN phone IS DISTINCT FROM stored_phone THEN 'phone' END,
            CASE WHEN is_verified AND NOT stored_is_verified THEN 'identity_verified' END))
        FROM judged_members WHERE outcome = 'updated'`),
    ]),
  );
  return updated.count;
}
