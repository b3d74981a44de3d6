import { Readable, Writable } from "node:stream";
import type { Streams } from "../../src/ui/ui.ts";

/** One piece of output, in the order in which it was written. */
export interface Said {
  readonly to: "stdout" | "stderr";
  readonly text: string;
}

/** What a fake stream pretends to be: a terminal of so many columns, or, by default, a pipe. */
export interface FakeTerminal {
  readonly columns?: number;
  readonly rows?: number;
}

/** Three streams that no process has: what is written to them is kept, in one order. */
export interface FakeStreams extends Streams {
  readonly said: readonly Said[];
  text(to: Said["to"]): string;
}

/** Makes streams for `main()` or `Ui`. With `terminal`, all three claim to be one. */
export function fakeStreams({
  stdin = "",
  terminal,
}: { readonly stdin?: string | Uint8Array; readonly terminal?: FakeTerminal } = {}): FakeStreams {
  const said: Said[] = [];
  const facts = terminal === undefined ? { isTTY: false } : { isTTY: true, columns: 80, rows: 24, ...terminal };
  const output = (to: Said["to"]) => {
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string | Buffer, _encoding, done) {
        if (chunk.length > 0) said.push({ to, text: chunk.toString() });
        done();
      },
    });
    return Object.assign(stream, facts) as unknown as NodeJS.WriteStream;
  };
  const input = Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)], { objectMode: false });
  return {
    stdin: Object.assign(input, { isTTY: facts.isTTY }) as unknown as NodeJS.ReadStream,
    stdout: output("stdout"),
    stderr: output("stderr"),
    said,
    text: (to) =>
      said
        .filter((one) => one.to === to)
        .map((one) => one.text)
        .join(""),
  };
}
