/** Who sends: the tool, or the server. */
export type Side = "tool" | "server";

/**
 * Splits what one side of a connection sends into the messages of PostgreSQL's protocol: a type (which the tool's very
 * first has not), a length, and so many bytes. A message that is not complete is kept until the rest of it comes.
 */
export function splitMessages(side: Side): (bytes: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  let typeBytes = side === "server" ? 1 : 0;
  return (bytes) => {
    const messages: Buffer[] = [];
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= typeBytes + 4) {
      const end = typeBytes + rest.readUInt32BE(typeBytes);
      if (rest.length < end) break;
      messages.push(rest.subarray(0, end));
      rest = rest.subarray(end);
      typeBytes = 1;
    }
    return messages;
  };
}

/** Reads along what the tool asks on one connection, and tells at each COMMIT which tables its transaction wrote. */
export function commitReader(onCommit: (tables: readonly string[]) => void): (message: Buffer) => void {
  const prepared = new Map<string, string>();
  let written = new Set<string>();
  const ask = (statement: string) => {
    if (/^begin\b/iu.test(statement)) written = new Set();
    else if (/^commit\b/iu.test(statement)) onCommit([...written]);
    for (const [, table] of statement.matchAll(/(?:INSERT INTO|DELETE FROM|(?<!FOR |DO )UPDATE)\s+(\w+)/gu))
      written.add(table!);
  };
  return (message) => {
    const type = String.fromCharCode(message[0]!);
    const [first = "", second = ""] = message.toString("utf8", 5).split("\0");
    if (type === "P") prepared.set(first, second);
    else if (type === "Q") ask(first);
    else if (type === "B") ask(prepared.get(second) ?? "");
  };
}
