import { codeProblem, idProblem } from "../../shared/text.ts";

/** Who can have aliases. */
export type AliasHolder = "member" | "merchant";

/** What a source calls one of them. */
export interface AliasKey {
  readonly alias: string;
  readonly source: string;
}

const maxAliasLength = 64;

/** Why a text cannot be an alias, or undefined when it can: 1 to 64 printable characters, spaces among them. */
export const aliasProblem = (text: string): string | undefined => idProblem("an alias", text, maxAliasLength);

/** Why a text cannot be the source of an alias, or undefined when it can. */
export const sourceProblem = (text: string): string | undefined => codeProblem("a source", text);
