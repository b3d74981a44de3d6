import { readFile } from "node:fs/promises";
import { showCell } from "../../csv/problem.ts";
import { usageError } from "../../shared/errors.ts";

const maxNumbers = 200_000;

/**
 * Reads withdrawal numbers from a file, one a line; blank lines and a heading `withdrawal_no` are skipped.
 *
 * @param path of the file; `-` for standard input
 * @throws a usage error for a file that cannot be read, and for a line that is no withdrawal number
 */
export async function readWithdrawalNos(path: string, readStdin: () => Promise<string>): Promise<readonly string[]> {
  const text =
    path === "-"
      ? await readStdin()
      : await readFile(path, "utf8").catch((cause: unknown) => {
          throw usageError("numbers_unreadable", `${path} cannot be read`, {
            hint: "give the path of a file of withdrawal numbers",
            cause,
          });
        });
  const name = path === "-" ? "standard input" : path;
  const numbers: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^\uFEFF/, "").trim();
    if (line === "" || (numbers.length === 0 && line === "withdrawal_no")) continue;
    if (!/^W\d{8,18}$/.test(line)) {
      throw usageError(
        "invalid_withdrawal_no",
        `${name}, line ${index + 1}: ${showCell(line)} is no withdrawal number`,
        { hint: "write one number a line, like W00000001" },
      );
    }
    if (numbers.push(line) > maxNumbers) {
      throw usageError("too_many_withdrawals", `${name} names more than ${maxNumbers} withdrawals`, {
        hint: "decide them in several files",
      });
    }
  }
  if (numbers.length === 0)
    throw usageError("nothing_named", `${name} names no withdrawal`, {
      hint: "write one number a line, like W00000001",
    });
  return numbers;
}
