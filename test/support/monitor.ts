import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a monitor got. */
export interface Heard {
  readonly path: string;
  readonly rid: string | null;
  readonly body: string;
}

/** A monitor as at healthchecks.io: an HTTP server that notes who pings it, and answers as it is told to. */
export async function monitor(answer: (heard: Heard, count: number) => number | "never" = () => 200) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text)).on("end", () => {
      const url = new URL(request.url!, "http://monitor");
      heard.push({ path: url.pathname, rid: url.searchParams.get("rid"), body });
      const status = answer(heard.at(-1)!, heard.length);
      if (status !== "never") response.writeHead(status).end("OK");
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/secret-check`,
    heard,
    close: () => new Promise<void>((settle) => {
      server.close(() => settle());
      server.closeAllConnections();
    }),
  };
}
