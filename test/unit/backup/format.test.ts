import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descriptionPath, manifestPath, type BackupDescription } from "../../../src/db/embedded/backup/format.ts";
import { readBackup } from "../../../src/db/embedded/backup/read.ts";
import { tarEnd, tarFile } from "../../../src/db/embedded/backup/tar.ts";
import type { AccrueError } from "../../../src/shared/errors.ts";
import { writeScratch } from "../../support/files.ts";

const description: BackupDescription = {
  format: 1,
  taken_at: "2026-01-04T02:00:00.000Z",
  server_version: "18.4",
  schema_version: 3,
};
const takenAt = new Date(description.taken_at);
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
const file = (path: string, content: Buffer | string) => tarFile(path, Buffer.from(content), takenAt);

/** As PostgreSQL writes it. */
function manifestOf(files: Readonly<Record<string, Buffer>>): string {
  const listed = Object.entries(files).map(([path, content], index) => {
    const name = index % 2 === 0 ? { Path: path } : { "Encoded-Path": Buffer.from(path).toString("hex") };
    return JSON.stringify({ ...name, Size: content.length, "Checksum-Algorithm": "SHA256", Checksum: sha256(content) });
  });
  const body = `{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Files": [\n${listed.join(",\n")}\n],\n`;
  return `${body}"Manifest-Checksum": "${sha256(body)}"}\n`;
}

const described = file(descriptionPath, JSON.stringify(description));
const archiveOf = (...entries: readonly Buffer[]) => gzipSync(Buffer.concat([...entries, tarEnd]));

function backupOf(files: Readonly<Record<string, Buffer>>, manifest = manifestOf(files)): Buffer {
  return archiveOf(
    described,
    ...Object.entries(files).map(([path, content]) => file(path, content)),
    file(manifestPath, manifest),
  );
}

/** What comes out of a backup; or the code and the message of its refusal. */
async function read(bytes: Buffer) {
  const found: Record<string, string> = {};
  const sink = {
    describe: () => {},
    directory: async () => {},
    file: async (path: string, content: AsyncIterable<Buffer>) => {
      const pieces: Buffer[] = [];
      for await (const piece of content) pieces.push(piece);
      found[path] = Buffer.concat(pieces).toString("hex");
    },
  };
  try {
    await readBackup(writeScratch("b", bytes), sink, { signal: new AbortController().signal, onProgress: () => {} });
    return { found };
  } catch (error) {
    const { code, message } = error as AccrueError;
    return { code, why: /(?:damaged|can read): (.*?)(?:; nothing was restored)?$/u.exec(message)?.[1] };
  }
}

const contents = fc
  .array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 5 })
  .map((all) => Object.fromEntries(all.map((bytes, index) => [`base/${index}`, Buffer.from(bytes)])));

describe("the file of a backup", () => {
  test("gives back what went in, of any sizes", async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (files) => {
        const expected = Object.fromEntries(
          Object.entries(files).map(([path, bytes]) => [path, bytes.toString("hex")]),
        );
        expect(await read(backupOf(files))).toEqual({ found: expected });
      }),
      { numRuns: 50 },
    );
  });

  test("cut off anywhere is refused", async () => {
    const whole = backupOf({ "base/1": Buffer.from("a".repeat(2000)), PG_VERSION: Buffer.from("18\n") });
    for (let length = 0; length < whole.length; length += 7) {
      expect(await read(whole.subarray(0, length)), `cut off at ${length}`).toMatchObject({
        code: expect.stringMatching(/^backup_(damaged|unknown)$/u),
        why: expect.any(String),
      });
    }
  });

  test("with any byte changed is refused, or says the same", async () => {
    const files = { "base/1": Buffer.from("a".repeat(2000)), PG_VERSION: Buffer.from("18\n") };
    const [whole, intact] = [backupOf(files), await read(backupOf(files))];
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(whole);
        changed[at]! ^= change;
        const outcome = await read(changed);
        if ("found" in outcome) expect(outcome).toEqual(intact);
        else expect(outcome.code).toMatch(/^backup_(damaged|unknown)$/u);
      }),
      { numRuns: 300 },
    );
  });

  const one = { "base/1": Buffer.from("one") };
  const entry = file("base/1", "one");
  const end = file(manifestPath, manifestOf(one));
  const link = file("base/2", "");
  link[156] = 0x32;
  link.fill(0x20, 148, 156);
  link.write(
    `${[...link.subarray(0, 512)]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  );

  test.each<[string, Buffer, string]>([
    [
      "a file that is not what it was",
      archiveOf(described, file("base/1", "two"), end),
      "base/1 in it is not what it was",
    ],
    ["a file that is missing", archiveOf(described, end), "base/1 in it is missing"],
    ["a file too many", archiveOf(described, entry, file("base/9", "x"), end), "base/9 in it is not in its manifest"],
    ["no manifest", archiveOf(described, entry), "it has no manifest"],
    [
      "a manifest that somebody changed",
      backupOf(one, manifestOf(one).replace('"Size":3', '"Size":4')),
      "its manifest does not have its checksum",
    ],
    [
      "something behind its manifest",
      archiveOf(described, entry, end, file("base/2", "x")),
      "something follows its manifest",
    ],
    [
      "a path that leads out",
      archiveOf(described, file("../etc/passwd", "x"), end),
      '"../etc/passwd" in it is neither a file nor a directory of a database',
    ],
    [
      "an absolute path",
      archiveOf(described, file("/etc/passwd", "x"), end),
      '"/etc/passwd" in it is neither a file nor a directory of a database',
    ],
    ["a link", archiveOf(described, link, end), '"base/2" in it is neither a file nor a directory of a database'],
    ["no end", gzipSync(Buffer.concat([described, entry, end])), "it ends in the middle"],
    [
      "a manifest beyond all measure",
      archiveOf(described, tarFile(manifestPath, Buffer.alloc(65 * 1024 * 1024), takenAt)),
      "its manifest is too large",
    ],
  ])("with %s is refused", async (_what, bytes, why) => {
    expect(await read(bytes)).toEqual({ code: "backup_damaged", why });
  });

  test.each<[string, Buffer]>([
    ["another archive", archiveOf(entry)],
    ["a newer format", archiveOf(file(descriptionPath, JSON.stringify({ ...description, format: 2 })), entry, end)],
    ["a description that is no JSON", archiveOf(file(descriptionPath, "{"), entry, end)],
    ["no archive", gzipSync("plain text")],
    ["plain text", Buffer.from("plain text")],
    ["nothing", Buffer.alloc(0)],
  ])("%s is none", async (_what, bytes) => {
    expect((await read(bytes)).code).toBe("backup_unknown");
  });

  test("the log is taken without being listed: its records have checksums of their own", async () => {
    expect(await read(archiveOf(described, entry, file("./pg_wal/0001", "log"), end))).toMatchObject({
      found: { "pg_wal/0001": expect.any(String) },
    });
  });
});
