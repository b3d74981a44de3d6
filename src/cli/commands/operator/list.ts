import { listOperators } from "../../../domain/operators/read.ts";
import { defineList } from "../../list.ts";
import { operator } from "./view.ts";

export const command = defineList({
  examples: [["accrue operator list", "who may work here as what, and who only says who they are (asserted)"]],
  thing: operator,
  nothing: "no operators",
  keyName: "operator's name",
  configure: (command) => command,
  get: () => listOperators,
});
