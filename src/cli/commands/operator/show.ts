import { showOperator } from "../../../domain/operators/read.ts";
import { defineShow } from "../../show.ts";
import { operatorPage, operatorStory } from "./view.ts";

export const command = defineShow({
  examples: [["accrue operator show zhang.min", "their role, and who gave it to them when"]],
  thing: operatorStory,
  page: operatorPage,
  configure: (command) => command.argument("<operator>", "who"),
  get:
    (_options, [name]) =>
    (context) =>
      showOperator(context, name),
});
