import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { isMountable } from "./full-disk.ts";

/**
 * Whether a server can be put on a small disk: it takes root to mount one that the server's unprivileged user can use.
 */
export const isSmallDiskPossible = process.getuid?.() === 0 && isMountable();

/**
 * A small disk below a server's data directory, with a copy of what lies there. Only who enters `within` sees it; the
 * server has to be started there. When the test ends, or is killed, the server is, and the disk goes with the last who
 * sees it.
 */
export class SmallDisk {
  readonly #directory: string;
  readonly #holder: ReturnType<typeof hold>;

  private constructor(directory: string, holder: ReturnType<typeof hold>) {
    this.#directory = directory;
    this.#holder = holder;
  }

  /** @param roomKibibytes how much more than the copy fits onto it */
  static async below(directory: string, roomKibibytes: number): Promise<SmallDisk> {
    const holder = hold(directory, roomKibibytes);
    const [word] = (await once(holder.stdout, "data")) as [Buffer];
    if (word.toString() !== "ready\n") throw new Error(`no small disk: ${word.toString()}`);
    return new SmallDisk(directory, holder);
  }

  /** A shell script that runs "$@" where the disk is seen. */
  get within(): string {
    return `exec nsenter -m -t ${this.#holder.pid} "$@"`;
  }

  /** Fills it, but for so much. */
  fill(roomKibibytes: number): void {
    this.#shell(`head -c ${roomKibibytes}K /dev/zero > .room; cat /dev/zero > .filler 2>/dev/null; rm .room`);
  }

  makeRoom(): void {
    this.#shell("rm .filler");
  }

  /** Removes the log's segments that lie ready behind one: the server has to make new ones. */
  removeLogBehind(segment: string): void {
    this.#shell(`cd pg_wal; for file in [0-9A-F]*; do if [ "$file" \\> ${segment} ]; then rm "$file"; fi; done`);
  }

  async end(): Promise<void> {
    const ended = once(this.#holder, "close");
    this.#holder.stdin.end();
    await ended;
  }

  #shell(script: string): void {
    execFileSync("sh", ["-c", this.within, "sh", "sh", "-c", `cd '${this.#directory}'; ${script}`]);
  }
}

const hold = (directory: string, roomKibibytes: number) =>
  spawn(
    "unshare",
    [
      "-m",
      "sh",
      "-c",
      `
  size=$(( $(du -sk "$1" | cut -f 1) + $2 ))
  exec 3< "$1" && mount -t tmpfs -o "size=\${size}k" none "$1" && cp -a /proc/self/fd/3/. "$1" && echo ready || exit 1
  read word
  pid=$(head -n 1 "$1/postmaster.pid") && kill -QUIT "$pid"
  while [ -n "$pid" ] && kill -0 "$pid"; do sleep 0.05; done`,
      "sh",
      directory,
      String(roomKibibytes),
    ],
    { stdio: ["pipe", "pipe", "ignore"] },
  );
