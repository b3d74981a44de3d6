import { createHash } from "node:crypto";

/** Size and checksum of a file, from PostgreSQL's backup manifest or of what was unpacked. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The parts of PostgreSQL's backup manifest that are compared with the files. */
interface Manifest {
  readonly Files: readonly {
    readonly Path?: string;
    readonly "Encoded-Path"?: string;
    readonly Size: number;
    readonly Checksum?: string;
  }[];
}

/** The manifest does not list the log, whose records have checksums of their own, which the server verifies. */
const isLog = (path: string): boolean => path.startsWith("pg_wal/");

/**
 * Compares the files of a backup with its manifest.
 *
 * @param found what was unpacked, by path
 * @returns what is wrong; undefined when exactly the listed files are there, each as it was
 */
export function manifestProblem(manifest: string, found: ReadonlyMap<string, FileFacts>): string | undefined {
  const expected = filesIn(manifest);
  if (expected === undefined) return "its manifest does not have its checksum";
  const wrong = [...expected].find(
    ([path, { sizeBytes, sha256 }]) => found.get(path)?.sizeBytes !== sizeBytes || found.get(path)?.sha256 !== sha256,
  );
  if (wrong !== undefined) return `${wrong[0]} in it ${found.has(wrong[0]) ? "is not what it was" : "is missing"}`;
  const stranger = [...found.keys()].find((path) => !expected.has(path) && !isLog(path));
  return stranger === undefined ? undefined : `${stranger} in it is not in its manifest`;
}

/** Undefined when the manifest is not as the server wrote it: its last line is the checksum of those before it. */
function filesIn(text: string): ReadonlyMap<string, FileFacts> | undefined {
  const [, body, checksum] = /^(.*\n)"Manifest-Checksum": "([0-9a-f]{64})"\}\s*$/su.exec(text) ?? [];
  if (body === undefined || createHash("sha256").update(body).digest("hex") !== checksum) return undefined;
  const { Files } = JSON.parse(text) as Manifest;
  return new Map(Files.map((file) => [pathOf(file), { sizeBytes: file.Size, sha256: file.Checksum ?? "" }]));
}

const pathOf = (file: Manifest["Files"][number]): string =>
  file.Path ?? Buffer.from(file["Encoded-Path"] ?? "", "hex").toString("utf8");
