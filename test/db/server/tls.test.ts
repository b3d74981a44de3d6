import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeConnection } from "../../../src/doctor/connection.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { certificates, privateKey, TlsServer } from "../../support/tls-server.ts";

let server: TlsServer;
beforeAll(async () => void (server = await TlsServer.create()));
afterAll(() => server.end());

const [ca, otherCa] = [join(certificates, "ca.crt"), join(certificates, "other-ca.crt")];

/** What the doctor says of the connection; or, of one that does not come about, the code of why. */
async function connectionTo(url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await accrueInProcess(["doctor", "--json"], { database: { url }, env });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; found: string }[] };
  const found = (name: string) => checks.find((check) => check.name === name)!.found;
  return found("server") === "reachable" ? found("connection") : found("server");
}

/** The code with which a command ends. */
async function refusalOf(url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stderr, exitCode } = await accrueInProcess(["db", "status", "--json"], { database: { url }, env });
  return exitCode === 0
    ? "done"
    : `${exitCode} ${(JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: { code: string } }).error.code}`;
}

const inTheClear = "in the clear to 127.0.0.1, within this machine";
const encrypted = (verified: string) =>
  expect.stringMatching(new RegExp(`^TLSv1\\.3 to (127\\.0\\.0\\.1|localhost), TLS_\\w+; ${verified}`)) as string;
const unchecked = encrypted("the server's certificate is not checked");
const [authorityOnly, checked] = [
  encrypted("a trusted authority signed"),
  encrypted("the server's certificate is this host's$"),
];

describe("a server that takes TLS", () => {
  beforeAll(() => server.start("server"));

  test.each([
    ["", {}, unchecked],
    ["sslmode=disable", {}, inTheClear],
    ["sslmode=allow", {}, inTheClear],
    ["sslmode=prefer", {}, unchecked],
    ["sslmode=require", {}, unchecked],
    [`sslmode=require&sslrootcert=${ca}`, {}, authorityOnly],
    [`sslmode=verify-ca&sslrootcert=${ca}`, {}, authorityOnly],
    [`sslmode=verify-full&sslrootcert=${ca}`, {}, checked],
    ["", { PGSSLMODE: "verify-full", PGSSLROOTCERT: ca }, checked],
    ["sslmode=disable", { PGSSLMODE: "verify-full" }, inTheClear],
    ["ssl_min_protocol_version=TLSv1.3&sslmode=require&channel_binding=prefer&gssencmode=disable", {}, unchecked],
    [`sslmode=prefer&sslrootcert=${otherCa}`, {}, inTheClear],
  ] as const)("%s %j", async (query, env, found) => {
    expect(await connectionTo(server.url("anybody", query), env)).toEqual(found);
  });

  test("verify-full holds the certificate against the name or the address that was asked for", async () => {
    expect(await connectionTo(server.url("anybody", `sslmode=verify-full&sslrootcert=${ca}`, "localhost"))).toEqual(
      checked,
    );
    await server.start("elsewhere");
    expect(await refusalOf(server.url("anybody", `sslmode=verify-full&sslrootcert=${ca}`))).toBe(
      "5 database_untrusted",
    );
    expect(await refusalOf(server.url("anybody", `sslmode=verify-full&sslrootcert=${ca}`, "localhost"))).toBe(
      "5 database_untrusted",
    );
    expect(await connectionTo(server.url("anybody", `sslmode=verify-ca&sslrootcert=${ca}`))).toEqual(authorityOnly);
    await server.start("server");
  });

  test("a certificate of somebody else's, or one that was revoked, lets nobody in", async () => {
    for (const mode of ["require", "verify-ca", "verify-full"]) {
      expect(await refusalOf(server.url("anybody", `sslmode=${mode}&sslrootcert=${otherCa}`)), mode).toBe(
        "5 database_untrusted",
      );
    }
    expect(await refusalOf(server.url("anybody", "sslmode=verify-full&sslrootcert=system"))).toBe(
      "5 database_untrusted",
    );
    expect(
      await refusalOf(
        server.url("anybody", `sslmode=verify-ca&sslrootcert=${ca}&sslcrl=${join(certificates, "revoked.crl")}`),
      ),
    ).toBe("5 database_untrusted");
  });

  test("a role that is let in one way only finds it by prefer and by allow, as with libpq", async () => {
    expect(await connectionTo(server.url("clear_only"))).toEqual(inTheClear);
    expect(await connectionTo(server.url("tls_only", "sslmode=allow"))).toEqual(unchecked);
    expect(await refusalOf(server.url("clear_only", "sslmode=require"))).toBe("5 database_refused_login");
    expect(await refusalOf(server.url("tls_only", "sslmode=disable"))).toBe("5 database_refused_login");
  });

  test("a role that logs in by certificate", async () => {
    const [certificate, key] = [join(certificates, "client.crt"), privateKey("client")];
    expect(
      await connectionTo(
        server.url("certified", `sslmode=verify-full&sslrootcert=${ca}&sslcert=${certificate}&sslkey=${key}`),
      ),
    ).toEqual(checked);
    expect(
      await connectionTo(server.url("certified", "sslmode=require"), { PGSSLCERT: certificate, PGSSLKEY: key }),
    ).toEqual(unchecked);
    expect(await refusalOf(server.url("certified", "sslmode=require"))).toBe("5 database_refused_login");
    expect(
      await refusalOf(server.url("certified", "sslmode=require"), {
        PGSSLCERT: certificate,
        PGSSLKEY: privateKey("client", 0o644),
      }),
    ).toBe("2 tls_key_exposed");
    expect(await refusalOf(server.url("certified", `sslmode=require&sslcert=${certificate}`))).toBe(
      "2 tls_key_missing",
    );
  });

  test("what lies in ~/.postgresql counts without being named", async () => {
    const home = scratchDirectory();
    mkdirSync(join(home, ".postgresql"));
    for (const [from, to] of [
      ["ca.crt", "root.crt"],
      ["client.crt", "postgresql.crt"],
      ["client.key", "postgresql.key"],
    ] as const) {
      copyFileSync(join(certificates, from), join(home, ".postgresql", to));
      chmodSync(join(home, ".postgresql", to), 0o600);
    }
    expect(await connectionTo(server.url("certified", "sslmode=verify-full"), { HOME: home })).toEqual(checked);
    expect(await connectionTo(server.url("certified", "sslmode=require"), { HOME: home })).toEqual(authorityOnly);
  });

  test("several hosts: each is held against its own name", async () => {
    const url = `postgres://anybody@127.0.0.1:1,localhost:${server.port}/postgres?sslmode=verify-full&sslrootcert=${ca}`;
    expect(await refusalOf(url)).toBe("done");
    const { stderr } = await accrueInProcess(["db", "status"], {
      database: { url: `postgres://anybody@127.0.0.1:1,localhost:2/postgres?sslmode=require` },
    });
    expect(stderr).toMatch(
      /none of its hosts answers \(127\.0\.0\.1:1: connect ECONNREFUSED.*; localhost:2: connect ECONNREFUSED/,
    );
  });

  test("settings that cannot be as they are", async () => {
    for (const [query, code] of [
      ["sslmode=full", "tls_setting_invalid"],
      ["sslmode=require&sslrootcert=system", "tls_setting_invalid"],
      ["sslmode=prefer&sslnegotiation=direct", "tls_setting_invalid"],
      ["sslmode=verify-full", "tls_root_missing"],
      ["sslmode=require&sslrootcert=/nowhere/ca.crt", "tls_file_unreadable"],
      ["channel_binding=require", "tls_setting_unsupported"],
      ["require_auth=scram-sha-256", "tls_setting_unsupported"],
    ])
      expect(await refusalOf(server.url("anybody", query)), query).toBe(`2 ${code}`);
    expect(await refusalOf(server.url("anybody"), { PGSSLMODE: "verify-ca" })).toBe("2 tls_root_missing");
    expect(
      await refusalOf(
        server.url("anybody", `sslmode=require&sslrootcert=${ca}&sslcert=${ca}&sslkey=${privateKey("server")}`),
      ),
    ).toBe("5 database_untrusted");
    expect(
      await refusalOf(
        server.url(
          "anybody",
          `sslmode=require&sslcert=${writeScratch("no.crt", "none")}&sslkey=${privateKey("client")}`,
        ),
      ),
    ).toBe("5 database_untrusted");
  });
});

describe("a server that takes no TLS", () => {
  beforeAll(() => server.start("none"));

  test("is talked to in the clear, unless more is asked for", async () => {
    for (const mode of ["disable", "allow", "prefer"])
      expect(await connectionTo(server.url("anybody", `sslmode=${mode}`)), mode).toBe(inTheClear);
    for (const mode of ["require", `verify-full&sslrootcert=${ca}`])
      expect(await refusalOf(server.url("anybody", `sslmode=${mode}`)), mode).toBe("5 database_without_tls");
  });
});

test("a connection in the clear to another machine is warned of, and only that", () => {
  const secure = { encryption: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" }, verified: "name" } as const;
  for (const host of [undefined, "127.0.0.1", "127.1.2.3", "::1", "localhost"])
    expect(judgeConnection({ host, security: undefined }).status).toBe("ok");
  expect(judgeConnection({ host: "db.example", security: secure }).status).toBe("ok");
  for (const host of ["db.example", "10.0.0.5", "127.example", "a, b"]) {
    expect(judgeConnection({ host, security: { encryption: undefined, verified: "no" } })).toMatchObject({
      status: "warning",
      found: `in the clear to ${host}`,
    });
  }
});
