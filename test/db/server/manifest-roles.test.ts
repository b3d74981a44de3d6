import { afterAll, describe, expect, test } from "vitest";
import { manifest } from "../../../src/cli/manifest.ts";
import { subjects } from "../../../src/cli/subjects.ts";
import type { SubjectKind } from "../../../src/shared/subject-kinds.ts";
import { operatorRoles, type OperatorRole } from "../../../src/shared/operator-roles.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { nameOf, startRoleServer } from "../../support/role-server.ts";
import { manifestScene, otherEnds, sameWrites, surroundings } from "./manifest-scene.ts";

const there = await startRoleServer();
afterAll(() => there.end());
const { writing, reading } = await manifestScene(there.database);

interface End {
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

/** Runs a line as the operator of a role. Gives the error that it ends with, if any. */
async function endOf(line: string, role: OperatorRole): Promise<End | undefined> {
  const rotating = { ...surroundings.env, ACCRUE_SECRET_KEY: "22".repeat(32), ACCRUE_SECRET_KEY_OLD: "11".repeat(32) };
  const env = line.startsWith("db rotate-key") ? rotating : surroundings.env;
  const database = { url: there.urlOf(role) };
  const { exitCode, stderr, stdout } = await accrueInProcess([...line.split(" "), "--json"], {
    ...surroundings,
    env,
    database,
  });
  if (exitCode === 0) return undefined;
  if (stderr === "") return { code: "findings", message: wrongIn(stdout) };
  return (JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: End }).error;
}

/** What `verify` or the doctor found wrong. */
const wrongIn = (stdout: string): string =>
  JSON.stringify(
    (JSON.parse(stdout) as { checks: { ok?: boolean; status?: string }[] }).checks.filter(
      ({ ok, status }) => ok === false || status === "wrong",
    ),
  );

/** What the program lets through is for the database to refuse. */
async function letThrough<T>(entry: (typeof manifest)[number], work: () => Promise<T>): Promise<T> {
  const { roles } = entry;
  Object.assign(entry, { roles: operatorRoles });
  try {
    return await work();
  } finally {
    Object.assign(entry, { roles });
  }
}

const entries = manifest
  .map((entry) => ({ entry, words: entry.path.join(" "), may: entry.roles }))
  // It closes dates, and some commands want them open.
  .toSorted((one, other) => Number(one.words === "settle") - Number(other.words === "settle"));
/** What asks no database. */
const withoutDatabase =
  /^(?:order profiles|operator roles|db (?:url|stop|backup|restore|new-key)|config show|completion|version|demo)$/u;
/** What a subject of proposals says of roles comes before the database. */
const bySubject =
  /^(?:approval|policy|opening|points|merchant (?:set-rate|write-off|correct-bill)|order (?:void|correct)|import undo|settle reopen|recon void|payout (?:record|allow))/u;

test("the scene has a line of every command that asks the database", () => {
  const asking = entries.map(({ words }) => words).filter((words) => !withoutDatabase.test(words));
  expect([...Object.keys(writing), ...Object.keys(reading)].toSorted()).toEqual(asking.toSorted());
});

describe("through the login role of an operator", () => {
  test("every command that writes is refused by the database to whoever's role may not run it", async () => {
    for (const { entry, words, may } of entries.filter(({ words }) => words in writing && words !== "init")) {
      const ends = ["database_forbidden", "operator_refused", otherEnds[words]];
      for (const role of operatorRoles.filter((one) => !may.includes(one) && !sameWrites[one]?.includes(words))) {
        const end = await letThrough(entry, () => endOf(writing[words]!, role));
        const isOfSubject = bySubject.test(words) && end?.code === "role_not_allowed";
        if (!isOfSubject) expect(ends, `${role}: ${writing[words]}: ${end?.message}`).toContain(end?.code);
        if (end?.code !== "database_forbidden") continue;
        expect(end.message).toContain(`${nameOf(role)}, whose role is ${role}`);
        expect(end.details).toMatchObject({ operator: nameOf(role), role });
      }
    }
  }, 300_000);

  test("whoever may approve a kind of proposals has the privileges to apply it", async () => {
    const told = async (line: string, role: OperatorRole) => {
      const options = { ...surroundings, database: { url: there.urlOf(role) } };
      const { stdout, stderr } = await accrueInProcess([...line.split(" "), "--json"], options);
      if (stdout === "") throw new Error(`${line}: ${stderr}`);
      return JSON.parse(stdout) as { import_id: number; proposal_no: string; kind: SubjectKind };
    };
    const kept = (words: string) => writing[words]!.replace(" --dry-run", "");
    const brought = (await told(kept("member import"), "clerk")).import_id;
    const lines = [
      ...["merchant set-rate", "order void", "order correct", "points adjust", "opening import", "policy set"].map(
        kept,
      ),
      ...["settle reopen", "recon void", "merchant correct-bill", "payout record"].map(kept),
      "member edit M2 --name 王 --reason x",
      `import undo ${brought} --reason x`,
    ];
    for (const line of lines) {
      const { proposal_no: proposalNo, kind } = await told(line, "admin");
      for (const role of subjects[kind].approvers.filter((one) => one !== "admin"))
        expect(await endOf(`approval approve ${proposalNo} --dry-run`, role), `${role}: ${line}`).toBeUndefined();
    }
    for (const role of operatorRoles)
      expect(await endOf(`import show ${brought} --if-undone`, role), role).toBeUndefined();
  }, 120_000);

  test("every command that writes runs for each of its roles", async () => {
    for (const { words, may } of entries.filter(({ words }) => words in writing)) {
      for (const role of may) {
        const end = await endOf(writing[words]!, role);
        if (!(words.startsWith("approval ") && end?.code === "role_not_allowed" && role === "approver"))
          expect(end?.code, `${role}: ${writing[words]}: ${end?.message}`).toBe(otherEnds[words]);
      }
    }
  }, 300_000);

  test("every command that reads runs for an auditor, who may read least", async () => {
    for (const { words, may } of entries.filter(({ words }) => words in reading)) {
      const role = may.includes("auditor") ? "auditor" : "admin";
      expect(await endOf(reading[words]!, role), `${role}: ${reading[words]}`).toBeUndefined();
    }
  }, 120_000);

  test("what is private stays so to an auditor, who is refused --reveal, and the columns themselves", async () => {
    expect(await endOf("member show M1 --reveal", "auditor")).toMatchObject({ code: "role_not_allowed" });
    expect(await endOf("member show M1 --reveal", "clerk")).toBeUndefined();
    for (const [option, value] of [
      ["--name", "张"],
      ["--phone", "13800138000"],
      ["--email", "a@b.cn"],
    ]) {
      const end = await endOf(`member list ${option} ${value}`, "auditor");
      expect(end).toMatchObject({ code: "role_not_allowed" });
      expect(end?.message).toContain(`member list ${option}`);
      expect(await endOf(`member list ${option} ${value}`, "clerk")).toBeUndefined();
    }
  });
});
