import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { plainClient } from "../support/admin.ts";
import type { TestDatabase } from "../support/database.ts";
import { until } from "../db/orders/process.ts";

const gateKey = 20_260_122;

/** Where an import is held up: the server waits there until the test lets it go on. */
export const moments = {
  "while the first rows are judged": { when: "BEFORE INSERT ON order_keys", condition: "NEW.order_no = 'FIRST'" },
  "while later rows are merged": { when: "BEFORE INSERT ON orders", condition: "NEW.order_no = 'LAST'" },
  "behind the last row": { when: "BEFORE INSERT ON imports", condition: "NEW.kind = 'orders'" },
  "in the commit": { when: "AFTER INSERT ON imports", condition: "NEW.kind = 'orders'", isDeferred: true },
} as const;

export type Moment = keyof typeof moments;
export const momentNames = Object.keys(moments) as Moment[];

/** Something that an import comes to and waits at. */
export interface Gate {
  /** Resolves when somebody waits. */
  reached(): Promise<void>;
  /** Ends the sessions that wait. */
  terminate(): Promise<void>;
  /** Lets through who waits, and all who come later. Safe to call more than once. */
  open(): Promise<void>;
}

/** Holds imports up at a moment. Every way of being stopped can then be tried there, however fast the machine is. */
export async function gateAt(on: TestDatabase, moment: Moment): Promise<Gate> {
  const { when, condition, ...more } = moments[moment];
  const kind = "isDeferred" in more ? "CONSTRAINT TRIGGER" : "TRIGGER";
  const deferred = "isDeferred" in more ? "DEFERRABLE INITIALLY DEFERRED" : "";
  const client = plainClient(on.url);
  const keeper = await client.reserve();
  await keeper.unsafe(`
    CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${condition} THEN PERFORM pg_advisory_xact_lock_shared(${gateKey}); END IF;
      RETURN NEW;
    END $$;
    CREATE ${kind} gate ${when} ${deferred} FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`);
  await keeper.unsafe(`SELECT pg_advisory_lock(${gateKey})`);
  const waiting = () => keeper<{ pid: number }[]>`
    SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND NOT l.granted AND l.objid = ${gateKey}
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  let isOpen = false;
  return {
    reached: () => until(async () => (await waiting()).length > 0),
    async terminate() {
      for (const { pid } of await waiting()) await keeper`SELECT pg_terminate_backend(${pid})`;
    },
    async open() {
      if (isOpen) return;
      isOpen = true;
      await keeper.unsafe(`SELECT pg_advisory_unlock(${gateKey})`);
      keeper.release();
      await client.end({ timeout: 5 });
    },
  };
}

/** A way to the server that can be cut. */
export interface Cable {
  readonly url: string;
  cut(): void;
  close(): Promise<void>;
}

export async function cableTo(url: string): Promise<Cable> {
  const target = new URL(url);
  const directory = target.searchParams.get("host");
  const port = Number(target.port === "" ? "5432" : target.port);
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = directory === null ? connect(port, target.hostname) : connect(`${directory}/.s.PGSQL.${port}`);
    for (const socket of [near, far]) {
      sockets.push(socket);
      socket.on("error", () => {});
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const through = new URL(url);
  through.searchParams.delete("host");
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as AddressInfo).port);
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: through.href,
    cut,
    close: () => {
      cut();
      return new Promise((settle) => server.close(() => settle()));
    },
  };
}
