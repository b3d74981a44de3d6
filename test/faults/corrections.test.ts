import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { propose } from "../../src/domain/approvals/propose.ts";
import { undoSubject } from "../../src/domain/corrections/undo-subject.ts";
import { recordedImport } from "../../src/imports/show.ts";
import { verify } from "../../src/verification/verify.ts";
import { startAccrue } from "../db/orders/process.ts";
import { peopleIn, settle, take } from "../db/orders/scene.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";
import { standingOf } from "../support/standing.ts";

const here = await testDatabase();
await peopleIn(here);
const older = ["A1,M1,S1,500.00,paid,2026-02-01 12:00:00,,,"];
await take(here, older);
await settle(here);
const before = await standingOf(here.db);
await take(here, ["B1,M1,S1,100.00,paid,2026-02-01 12:00:00,,,", "A1,M1,S1,500.00,paid,2026-02-01 12:00:00,80.00,,"]);
const { kind, file } = await recordedImport(here, 2n);
const context = here.context({ operator: { ...here.context().operator, name: "pat" } });
await propose(context, undoSubject, { import_id: "2", kind, file }, { reason: "another shop's", expiresIn: 5_000 });

const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
const approving = (on: TestDatabase, failpoint?: string) =>
  startAccrue(["approval", "approve", "A00000001", "--yes", "--operator", "amy"], {
    database: on,
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;

test(
  "an undo that is killed around the COMMIT of its approval is done in whole or not at all",
  { timeout: 120_000 },
  async () => {
    for (const [when, again] of [
      ["before", 0],
      ["after", 4],
    ] as const) {
      const on = await cloneOf(here);
      expect((await approving(on, `commit:1:${when}`)).exit).toBe("SIGKILL");
      expect((await approving(on)).exit).toBe(again);
      await settle(on);
      expect(await standingOf(on.db)).toBe(before);
      expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
      await on.drop();
    }
  },
);
