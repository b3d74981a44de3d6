import type { Context } from "../../src/db/context.ts";
import { inTransaction } from "../../src/db/database.ts";
import { businessDateOf } from "../../src/shared/business-date.ts";
import { allChecks } from "../../src/verification/checks.ts";
import type { Findings } from "../../src/verification/model.ts";
import { everything } from "../../src/verification/scope.ts";

const ofRows = allChecks.filter(({ name }) => name !== "guards_in_place");

/**
 * What the checks of rows find wrong: `verify` without what it looks at in the schema, for tests that look behind every
 * step of a story, where no step changes the schema.
 */
export const wrongRows = (context: Context): Promise<readonly (Findings & { readonly name: string })[]> =>
  inTransaction(
    context.db,
    async (tx) => {
      const wrong = [];
      for (const { name, find } of ofRows) {
        const findings = await find(tx, everything(tx), businessDateOf(context.clock(), context.zone));
        if (findings.found > 0n) wrong.push({ name, ...findings });
      }
      return wrong;
    },
    "rollback",
  );
