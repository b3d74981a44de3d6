import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { unreachableError } from "../../../shared/errors.ts";
import { socketPath, startupMessage } from "../postmaster.ts";

/** The parts of a base backup, in order: its approximate size, a tar archive, its manifest. */
export type BackupPiece =
  | { readonly kind: "size"; readonly bytes: number }
  | { readonly kind: "archive"; readonly bytes: Buffer }
  | { readonly kind: "manifest"; readonly bytes: Buffer };

/** The server makes the copy, verifies the checksum of each page, and adds the log that makes the copy consistent. */
const baseBackup =
  "BASE_BACKUP (LABEL 'accrue', PROGRESS true, CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')";

/** Keeps the server from recycling log that the copy needs, until the session ends. */
const keepLog = () =>
  `CREATE_REPLICATION_SLOT accrue_backup_${randomBytes(6).toString("hex")} TEMPORARY PHYSICAL RESERVE_WAL`;

/**
 * Has a running server make a base backup of itself, while others work. Speaks PostgreSQL's protocol itself: the driver
 * drops the bounds of the copied messages, which tell the parts apart.
 *
 * @throws unreachable `backup_failed` with what the server said; the signal's reason when it aborts
 */
export async function* takeBaseBackup(socketDirectory: string, signal: AbortSignal): AsyncGenerator<BackupPiece> {
  signal.throwIfAborted();
  const socket = connect({ path: socketPath(socketDirectory) });
  const onAbort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", onAbort);
  try {
    socket.write(startupMessage({ replication: "true" }));
    yield* converse(socket, [keepLog(), baseBackup]);
  } catch (error) {
    signal.throwIfAborted();
    const isSystem = error instanceof Error && "syscall" in error;
    throw isSystem ? failed(error.message, error) : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

async function* converse(socket: Socket, commands: string[]): AsyncGenerator<BackupPiece> {
  let isManifest = false;
  for await (const { type, body } of messagesOf(socket)) {
    const code = String.fromCharCode(type);
    if (code === "E") throw failed(fieldOf(body, "M"));
    if (code === "D") yield* sizeIn(body);
    if (code === "Z") {
      const next = commands.shift();
      if (next === undefined) return;
      socket.write(message("Q", Buffer.from(`${next}\0`)));
    }
    if (code !== "d") continue;
    const piece = String.fromCharCode(body[0]!);
    if (piece === "m") isManifest = true;
    if (piece === "d") yield { kind: isManifest ? "manifest" : "archive", bytes: body.subarray(1) };
  }
  throw failed("it closed the connection");
}

/** A tablespace as the server lists it: its number and place (none for the default one), and its size in KiB. */
function* sizeIn(body: Buffer): Generator<BackupPiece> {
  const [tablespace, , size, ...more] = columnsOf(body);
  if (size === undefined || more.length > 0) return;
  if (tablespace !== null) throw failed(`it has table spaces outside its data directory, and ${tablespace} is one`);
  yield { kind: "size", bytes: Number(size) * 1024 };
}

function columnsOf(body: Buffer): readonly (string | null)[] {
  let at = 2;
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at);
    const start = at + 4;
    at = start + Math.max(0, length);
    return length < 0 ? null : body.toString("utf8", start, at);
  });
}

interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/** Yields the messages that arrive on a socket: each is a type letter, a length, and its body. */
async function* messagesOf(socket: Socket): AsyncGenerator<Message> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    let at = 0;
    while (pending.length - at >= 5 && pending.length - at > pending.readInt32BE(at + 1)) {
      const end = at + 1 + pending.readInt32BE(at + 1);
      yield { type: pending[at]!, body: pending.subarray(at + 5, end) };
      at = end;
    }
    pending = pending.subarray(at);
  }
}

function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A field of an error message: a letter, and text up to a NUL. */
const fieldOf = (body: Buffer, field: string): string =>
  body
    .toString("utf8")
    .split("\0")
    .find((text) => text.startsWith(field))
    ?.slice(1) ?? "it does not say why";

const failed = (why: string, cause?: unknown): Error =>
  unreachableError("backup_failed", `the server could not make the backup: ${why}`, {
    hint: "nothing was written; `accrue db status` names its log",
    cause,
  });
