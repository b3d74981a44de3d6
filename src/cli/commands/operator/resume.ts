import { setOperatorState } from "../../../domain/operators/change.ts";
import { defineCommand } from "../../command.ts";
import { showRegistered } from "./view.ts";

export const command = defineCommand({
  examples: [["accrue operator resume zhang.min", "their commands run again"]],
  configure: (command) => command.argument("<operator>", "who").option("--dry-run", "check and roll back"),
  run: async (session, [name]) =>
    showRegistered(session, await setOperatorState(await session.open(), name, "active"), "is active"),
});
