import { usageError, type AccrueError } from "../../shared/errors.ts";

/** Tables pack to a tenth, seldom to a thirtieth of their size; what grows to this many times its bytes was made to. */
const maxTimes = 100;

/** What any input may grow to, however small it is. */
const alwaysBytes = 16 * 1024 * 1024;

/** How many bytes may be made of an input, unpacked or as its rejects. */
export const maxExpandedBytes = (sizeBytes: number): number => Math.max(alwaysBytes, sizeBytes * maxTimes);

/**
 * Holds what an archive unpacks to against its own size.
 *
 * @throws AccrueError `unpacked_too_large` (usage)
 */
export function refuseExpansion(name: string, sizeBytes: number, unpackedBytes: number): void {
  if (unpackedBytes > maxExpandedBytes(sizeBytes)) throw tooLarge(name, sizeBytes);
}

const count = (bytes: number): string => bytes.toLocaleString("en-US");

function tooLarge(name: string, sizeBytes: number): AccrueError {
  const message = `${name} has ${count(sizeBytes)} bytes and unpacks to more than ${count(maxExpandedBytes(sizeBytes))}: no table packs that well`;
  return usageError("unpacked_too_large", message, {
    hint: "ask who sent it what is in it; unpack it yourself and import the CSV file within if it is right",
    details: { file: name, bytes: sizeBytes, max_bytes: maxExpandedBytes(sizeBytes) },
  });
}
