import type { CommandDefinition } from "./command.ts";

// The module decides the type of its own options; here they are only handed through.
type Loaded = { readonly command: CommandDefinition<never> };

/** A verb as the help lists it. Its code is loaded only when it runs: that keeps `--help` and every start quick. */
export interface ManifestEntry {
  readonly path: readonly [string] | readonly [noun: string, verb: string];
  readonly summary: string;
  readonly load: () => Promise<Loaded>;
}

/** What the help says of each noun. */
export const nouns: Readonly<Record<string, string>> = {
  db: "the database server behind it all",
  config: "where settings come from",
};

/** Every command, in the order in which the help lists them. */
export const manifest: readonly ManifestEntry[] = [
  { path: ["init"], summary: "create or migrate the database; safe to repeat", load: () => import("./commands/init.ts") },
];
