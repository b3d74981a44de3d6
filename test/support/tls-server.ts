import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRole, plainClient } from "./admin.ts";
import { scratchDirectory } from "./files.ts";
import { OwnServer } from "./own-server.ts";

export const certificates = resolve("test/support/tls");

/** A client's key as it must lie: nobody else's to read, whatever a checkout makes of it. */
export function privateKey(name: string, mode = 0o600): string {
  const path = join(scratchDirectory(), `${name}.key`);
  copyFileSync(join(certificates, `${name}.key`), path);
  chmodSync(path, mode);
  return path;
}

/** Who is let in how, by role; everybody else in either way. */
const rules = `
  hostssl all clear_only all reject
  hostnossl all tls_only all reject
  hostssl all certified all cert
  hostnossl all certified all reject
  host all all all trust`;
const roles = ["clear_only", "tls_only", "certified", "anybody"] as const;

/**
 * A real server that listens on a port of 127.0.0.1, with TLS or without: the embedded server's data and programs,
 * started another way.
 */
export class TlsServer {
  readonly #data: string;
  readonly #own: OwnServer;
  #process: ChildProcess | undefined;
  port = 0;

  private constructor(own: OwnServer) {
    this.#own = own;
    this.#data = own.dataDirectory;
  }

  static async create(): Promise<TlsServer> {
    const own = await OwnServer.start();
    const server = new TlsServer(own);
    for (const role of roles) await createRole(own.url, role);
    await own.stop();
    server.#put("hba.conf", rules);
    return server;
  }

  /** Starts it, or starts it anew, with a certificate or with TLS off. */
  async start(certificate: "server" | "elsewhere" | "none"): Promise<void> {
    await this.stop();
    this.port = await freePort();
    const tls = { ssl: "on", ssl_ca_file: "ca.crt", ssl_cert_file: "tls.crt", ssl_key_file: "tls.key" };
    if (certificate !== "none") {
      const files = { "ca.crt": "ca.crt", "tls.crt": `${certificate}.crt`, "tls.key": `${certificate}.key` };
      for (const [name, source] of Object.entries(files)) this.#put(name, readFileSync(join(certificates, source)));
    }
    const settings = {
      listen_addresses: "127.0.0.1",
      port: this.port,
      unix_socket_directories: "",
      hba_file: join(this.#data, "hba.conf"),
      fsync: "off",
      ...(certificate === "none" ? {} : tls),
    };
    const program = readFileSync(join(this.#data, "postmaster.opts"), "utf8").split(' "-D"')[0]!;
    const { uid, gid } = statSync(this.#data);
    const child = spawn(
      program,
      ["-D", this.#data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { cwd: this.#data, stdio: "ignore", ...(process.getuid?.() === 0 ? { uid, gid } : {}) },
    );
    this.#process = child;
    const url = this.url("anybody", "sslmode=disable");
    for (let tries = 0; ; tries += 1) {
      const sql = plainClient(url);
      const isUp = await sql`SELECT 1`.then(
        () => true,
        () => false,
      );
      await sql.end({ timeout: 1 });
      if (isUp) return;
      if (tries > 300 || child.exitCode !== null) throw new Error(`the server did not start (${child.exitCode})`);
      await sleep(50);
    }
  }

  /** Its URL for a role. */
  url(role: (typeof roles)[number], query = "", host = "127.0.0.1"): string {
    return `postgres://${role}@${host}:${this.port}/postgres${query === "" ? "" : `?${query}`}`;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((settle) => child.once("exit", settle));
    child.kill("SIGQUIT");
    await ended;
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop();
    await this.#own.end();
  }

  /** Puts a file into its data directory, as the server wants it: its own, and nobody else's to read. */
  #put(name: string, content: string | Uint8Array): void {
    const path = join(this.#data, name);
    writeFileSync(path, content);
    const { uid, gid } = statSync(this.#data);
    chownSync(path, uid, gid);
    chmodSync(path, 0o600);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  await new Promise((settle) => server.close(settle));
  return port;
}
