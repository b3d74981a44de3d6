import { describe, expect, test } from "vitest";
import { connect } from "../../../src/db/database.ts";
import { socketUrl, targetFromUrl, urlOfDatabase } from "../../../src/db/url.ts";

describe("a database URL", () => {
  test.each([
    [
      "postgres://li:pw@db.example:5433/accrue?sslmode=require",
      { url: "postgres://li:pw@db.example:5433/accrue", ways: ["require"] },
    ],
    ["postgresql:///accrue", { url: "postgresql:///accrue", ways: ["prefer", undefined] }],
    [
      "postgresql:///accrue?host=/var/run/postgresql",
      { url: "postgresql://localhost/accrue", host: "/var/run/postgresql" },
    ],
    [
      "postgres://li@/accrue?host=/run/pg&application_name=x&sslmode=verify-full",
      { url: "postgres://li@localhost/accrue?application_name=x", host: "/run/pg" },
    ],
    [
      "postgres://li:p%40w@db1:5433,db2/accrue?sslmode=allow",
      { url: "postgres://li:p%40w@db1:5433,db2:5432/accrue", ways: [undefined, "allow"] },
    ],
    ["postgres://li@%2Frun%2Fpg:5433/accrue", { url: "postgres://li@localhost:5433/accrue", host: "/run/pg" }],
  ])("%s is understood as libpq does", (text, target) => {
    const { ways, ...place } = targetFromUrl(text)!;
    expect({ ...place, ...(ways === undefined ? {} : { ways: ways.map((way) => way?.settings.mode) }) }).toEqual(
      target,
    );
  });

  test.each([
    "mysql://localhost/accrue",
    "accrue",
    "postgres:accrue",
    "postgres://li:p w@h:port/accrue",
    "postgres://a:1,b:x/accrue",
    "postgres://a,,b/accrue",
    "",
  ])("%s is none", (text) => {
    expect(targetFromUrl(text)).toBeUndefined();
  });

  test.each([
    ["postgres://li:pw@a:1,b:2/accrue?x=/y", "postgres://li:pw@a:1,b:2/demo?x=/y"],
    ["postgresql://h", "postgresql://h/demo"],
    ["postgres:///accrue?host=/run/pg&sslmode=verify-full", "postgres:///demo?host=/run/pg&sslmode=verify-full"],
  ])("%s leads to another database of its server as well", (url, other) => {
    expect(urlOfDatabase(url, "demo")).toBe(other);
  });

  test("of several hosts leads the driver to each", () => {
    expect(connect(targetFromUrl("postgres://li@a:1,b/accrue")!).sql.options).toMatchObject({
      host: ["a", "b"],
      port: [1, 5432],
      user: "li",
      database: "accrue",
    });
  });

  test("of a socket leads the driver to that socket, and back", () => {
    const url = socketUrl({ host: "/tmp/some dir/run", port: 5432, user: "li", database: "accrue" });
    const { options } = connect(targetFromUrl(url)!).sql;
    expect(options).toMatchObject({ path: "/tmp/some dir/run/.s.PGSQL.5432", user: "li", database: "accrue" });
  });
});
