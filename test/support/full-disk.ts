import { execFileSync } from "node:child_process";

const unshare = `unshare ${process.getuid?.() === 0 ? "-m" : "-rm"}`;

/** Whether this user may mount a disk that nobody else sees. */
export const isMountable = (): boolean => {
  try {
    execFileSync("sh", ["-c", `${unshare} mount -t tmpfs none /mnt`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/**
 * Ways in which no more than so many half kibibytes can be written into a directory, each as a shell script that runs
 * "$@" so. Every machine has the first, for each file by itself; the second needs a mount of one's own, which nobody
 * else sees: the directory keeps what it had, and the program sees a copy of that on a disk which is full but for the
 * room, in whole pages.
 */
export const fullPlaces: readonly (readonly [
  what: string,
  within: (directory: string, halfKibibytes: number) => string,
  reason: string,
])[] = [
  [
    "a limit on the size of files",
    (_directory, room) => `ulimit -f ${room}; exec "$@"`,
    "this user may write no file that large",
  ],
  ...(isMountable()
    ? [
        [
          "a full disk",
          (directory: string, room: number) => `
        mkdir -p '${directory}'
        exec ${unshare} sh -c '
          exec 3< "$0" && mount -t tmpfs -o size=1m none "$0" && cp -a /proc/self/fd/3/. "$0" &&
          head -c ${Math.floor(room / 8) * 4096} /dev/zero > "$0/.room" && { cat /dev/zero > "$0/.filler" 2>/dev/null; rm "$0/.room"; } && exec "$@"' '${directory}' "$@"`,
          "the disk is full",
        ] as const,
      ]
    : []),
];
