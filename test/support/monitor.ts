import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a monitor got. */
export interface Heard {
  readonly path: string;
  readonly rid: string | null;
  readonly body: string;
  /** Present when the request had the header. */
  readonly authorization?: string;
}

/**
 * A monitor as at healthchecks.io: an HTTP server that notes who pings it, and answers as it is told to; a text is
 * where it redirects to.
 */
export async function monitor(answer: (heard: Heard, count: number) => number | string = () => 200) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request
      .setEncoding("utf8")
      .on("data", (text: string) => (body += text))
      .on("end", () => {
        const { authorization } = request.headers;
        const url = new URL(request.url!, "http://monitor");
        heard.push({
          path: url.pathname,
          rid: url.searchParams.get("rid"),
          body,
          ...(authorization === undefined ? {} : { authorization }),
        });
        const status = answer(heard.at(-1)!, heard.length);
        if (typeof status === "number") response.writeHead(status).end("OK");
        else if (status !== "never") response.writeHead(307, { location: status }).end();
      });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/secret-check`,
    heard,
    close: () =>
      new Promise<void>((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
