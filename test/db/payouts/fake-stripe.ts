import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A transfer as the server keeps it: money that has moved. */
export interface LedgerTransfer {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly destination: string;
  readonly transfer_group: string;
  readonly metadata: Readonly<Record<string, string>>;
  amount_reversed: number;
}

/** How the server takes one call. Before: nothing was done. After: it was. Late: it is, when the caller has given up. */
export const misbehaviours = [
  "fine",
  "slow",
  "cut_before",
  "cut_after",
  "cut_in_body",
  "garbage_after",
  "silent_before",
  "silent_after",
  "late",
  "busy",
  "rate_limited",
  "down",
  "saved_500_before",
  "saved_500_after",
] as const;
export type Behaviour =
  | (typeof misbehaviours)[number]
  | { readonly status: number; readonly type?: string; readonly code?: string; readonly message?: string };

export interface Call {
  readonly method: string;
  readonly path: string;
  /** The detail that it is about, where it is about one. */
  readonly detailNo: string;
  readonly key: string | undefined;
}

/** A server that speaks as much of Stripe's API as transfers need, keeps a ledger, and misbehaves as it is told. */
export class FakeStripe {
  readonly ledger: LedgerTransfer[] = [];
  readonly calls: Call[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #server = createServer((request, response) => {
    const answered = this.#answer(request, response).catch(() => void request.socket.destroy());
    this.#underWay.add(answered);
    void answered.then(() => this.#underWay.delete(answered));
  });
  readonly #saved = new Map<string, { readonly params: string; status: number; body: string } | "at work">();
  accountId = "acct_platform0001";
  readonly apiKey = "sk_test_FakeFakeFake0001";
  /** Asked before each call is carried out. */
  behave: (call: Call) => Behaviour | Promise<Behaviour> = () => "fine";
  /** Told when a call was carried out, before it is answered. */
  afterwards: (call: Call) => void | Promise<void> = () => {};

  static async start(): Promise<FakeStripe> {
    const fake = new FakeStripe();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  /** Ends with the test that started it. */
  static async forTest(): Promise<FakeStripe> {
    const fake = await FakeStripe.start();
    onTestFinished(() => fake.stop());
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Until nothing is under way any more, not even what its caller has given up. */
  async quiet(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** What happens to keys after a day: whatever was under way has long ended. */
  async forgetKeys(): Promise<void> {
    await this.quiet();
    this.#saved.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const body = new URLSearchParams(await textOf(request));
    const key = request.headers["idempotency-key"] as string | undefined;
    const call: Call = {
      method: request.method!,
      path: url.pathname,
      key,
      detailNo: body.get("transfer_group") ?? url.searchParams.get("transfer_group") ?? "",
    };
    this.calls.push(call);
    if (request.headers.authorization !== `Bearer ${this.apiKey}`)
      return say(response, 401, errorBody("invalid_request_error", undefined, "Invalid API Key provided"));
    const behaviour = await this.behave(call);
    if (behaviour === "cut_before") return void request.socket.destroy();
    if (behaviour === "silent_before") return;
    if (behaviour === "rate_limited")
      return say(response, 429, errorBody("invalid_request_error", "rate_limit", "Too many requests"));
    if (behaviour === "down") return say(response, 503, errorBody("api_error", undefined, "Unavailable"));
    const hungUp = once(response, "close");
    const answer = call.method === "POST" ? await this.#create(call, body, behaviour, hungUp) : this.#read(url);
    await this.afterwards(call);
    if (behaviour === "slow") await sleep(20);
    if (behaviour === "cut_after") return void request.socket.destroy();
    if (behaviour === "silent_after" || behaviour === "late") return;
    if (behaviour === "garbage_after") return say(response, 200, "<html>a proxy's page</html>");
    if (behaviour === "cut_in_body") {
      response
        .writeHead(answer.status, { "content-type": "application/json", "content-length": answer.body.length })
        .write(answer.body.slice(0, 10));
      return void setTimeout(() => request.socket.destroy(), 5);
    }
    if (typeof behaviour === "object")
      return say(
        response,
        behaviour.status,
        errorBody(behaviour.type ?? "invalid_request_error", behaviour.code, behaviour.message ?? "no"),
      );
    say(response, answer.status, answer.body);
  }

  async #create(
    { key }: Call,
    params: URLSearchParams,
    behaviour: Behaviour,
    hungUp: Promise<unknown>,
  ): Promise<{ status: number; body: string }> {
    if (key === undefined) throw new Error("a transfer without a key");
    const saved = this.#saved.get(key);
    if (saved === "at work" || behaviour === "busy") {
      return {
        status: 409,
        body: errorBody(
          "idempotency_error",
          "idempotency_key_in_use",
          "There is currently another in-progress request using this Idempotent Key",
        ),
      };
    }
    if (saved !== undefined) {
      if (saved.params === params.toString()) return saved;
      return {
        status: 400,
        body: errorBody(
          "idempotency_error",
          undefined,
          "Keys for idempotent requests can only be used with the same parameters",
        ),
      };
    }
    if (typeof behaviour === "object") return { status: behaviour.status, body: "" };
    if (behaviour === "late") {
      this.#saved.set(key, "at work");
      await hungUp;
      await sleep(50);
    }
    const body = behaviour === "saved_500_before" ? "" : JSON.stringify(this.#move(params));
    const is500 = behaviour === "saved_500_before" || behaviour === "saved_500_after";
    const answer = is500
      ? { params: params.toString(), status: 500, body: errorBody("api_error", undefined, "Something went wrong") }
      : { params: params.toString(), status: 200, body };
    this.#saved.set(key, answer);
    return answer;
  }

  #move(params: URLSearchParams): LedgerTransfer {
    const text = (name: string) => params.get(name) ?? "";
    if (!/^[1-9]\d*$/.test(text("amount"))) throw new Error(`an amount of ${text("amount")}`);
    const transfer = {
      id: `tr_${(this.ledger.length + 1).toString().padStart(8, "0")}`,
      object: "transfer",
      amount: Number(text("amount")),
      amount_reversed: 0,
      currency: text("currency"),
      destination: text("destination"),
      transfer_group: text("transfer_group"),
      reversed: false,
      metadata: { detail_no: text("metadata[detail_no]"), withdrawal_no: text("metadata[withdrawal_no]") },
    };
    this.ledger.push(transfer);
    return transfer;
  }

  #read(url: URL): { status: number; body: string } {
    if (url.pathname === "/v1/account")
      return { status: 200, body: JSON.stringify({ id: this.accountId, object: "account" }) };
    const group = url.searchParams.get("transfer_group");
    const data = this.ledger.filter((one) => one.transfer_group === group).toReversed();
    return { status: 200, body: JSON.stringify({ object: "list", url: "/v1/transfers", has_more: false, data }) };
  }
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

const errorBody = (type: string, code: string | undefined, message: string): string =>
  JSON.stringify({ error: { type, code, message } });

function say(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}
