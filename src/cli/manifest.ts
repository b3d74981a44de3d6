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
  member: "the people who shop and earn points",
  account: "where members' withdrawals are paid to",
  merchant: "the shops, and the share of each order that they contribute",
  product: "what merchants sell",
  order: "orders: what members bought, and what it earned them",
  grant: "the points-grant batch",
  withdrawal: "points that members turn into cash",
  policy: "the platform's rates and limits, from which date on",
  import: "files that were taken in, and what was rejected of them",
  report: "figures over everything",
  db: "the database server behind it all",
  config: "where settings come from",
};

/** Every command, in the order in which the help lists them. */
export const manifest: readonly ManifestEntry[] = [
  { path: ["init"], summary: "create or migrate the database; safe to repeat", load: () => import("./commands/init.ts") },
  { path: ["member", "register"], summary: "register one member; asks for what is missing", load: () => import("./commands/member/register.ts") },
  { path: ["member", "import"], summary: "take in CSV files of members", load: () => import("./commands/member/import.ts") },
  { path: ["member", "list"], summary: "find members, a page at a time", load: () => import("./commands/member/list.ts") },
  { path: ["member", "show"], summary: "the whole story of one member", load: () => import("./commands/member/show.ts") },
  { path: ["member", "statement"], summary: "every entry that moved a member's points", load: () => import("./commands/member/statement.ts") },
  { path: ["member", "freeze"], summary: "let a member earn but not withdraw", load: () => import("./commands/member/freeze.ts") },
  { path: ["member", "unfreeze"], summary: "let a frozen member withdraw again", load: () => import("./commands/member/unfreeze.ts") },
  { path: ["member", "close"], summary: "close a member for good", load: () => import("./commands/member/close.ts") },
  { path: ["member", "verify-identity"], summary: "record that a member's identity is verified", load: () => import("./commands/member/verify-identity.ts") },
  { path: ["member", "set-password"], summary: "give a member a new password", load: () => import("./commands/member/set-password.ts") },
  { path: ["member", "verify-password"], summary: "check a member's password, for a front end", load: () => import("./commands/member/verify-password.ts") },
  { path: ["member", "alias"], summary: "note what a source calls a member", load: () => import("./commands/member/alias.ts") },
  { path: ["member", "unalias"], summary: "take an alias away", load: () => import("./commands/member/unalias.ts") },
  { path: ["member", "aliases"], summary: "what sources call members", load: () => import("./commands/member/aliases.ts") },
  { path: ["member", "import-aliases"], summary: "take in CSV files of aliases", load: () => import("./commands/member/import-aliases.ts") },
  { path: ["account", "add"], summary: "add a payout account to a member; asks for its number", load: () => import("./commands/account/add.ts") },
  { path: ["account", "import"], summary: "take in CSV files of payout accounts", load: () => import("./commands/account/import.ts") },
  { path: ["account", "list"], summary: "a member's payout accounts", load: () => import("./commands/account/list.ts") },
  { path: ["account", "show"], summary: "one payout account, and who else has the same", load: () => import("./commands/account/show.ts") },
  { path: ["account", "set-default"], summary: "make a payout account the one that withdrawals take", load: () => import("./commands/account/set-default.ts") },
  { path: ["account", "close"], summary: "close a payout account for good", load: () => import("./commands/account/close.ts") },
  { path: ["merchant", "import"], summary: "take in CSV files of merchants", load: () => import("./commands/merchant/import.ts") },
  { path: ["merchant", "list"], summary: "find merchants, a page at a time", load: () => import("./commands/merchant/list.ts") },
  { path: ["merchant", "show"], summary: "the whole story of one merchant", load: () => import("./commands/merchant/show.ts") },
  { path: ["merchant", "approve"], summary: "make a pending or suspended merchant active", load: () => import("./commands/merchant/approve.ts") },
  { path: ["merchant", "suspend"], summary: "take no more orders of a merchant", load: () => import("./commands/merchant/suspend.ts") },
  { path: ["merchant", "set-rate"], summary: "set a merchant's contribution rate from a date on", load: () => import("./commands/merchant/set-rate.ts") },
  { path: ["merchant", "alias"], summary: "note what a source calls a merchant", load: () => import("./commands/merchant/alias.ts") },
  { path: ["merchant", "unalias"], summary: "take an alias away", load: () => import("./commands/merchant/unalias.ts") },
  { path: ["merchant", "aliases"], summary: "what sources call merchants", load: () => import("./commands/merchant/aliases.ts") },
  { path: ["merchant", "import-aliases"], summary: "take in CSV files of aliases", load: () => import("./commands/merchant/import-aliases.ts") },
  { path: ["product", "import"], summary: "take in CSV files of products", load: () => import("./commands/product/import.ts") },
  { path: ["product", "list"], summary: "find products, a page at a time", load: () => import("./commands/product/list.ts") },
  { path: ["order", "import"], summary: "take in CSV files of orders", load: () => import("./commands/order/import.ts") },
  { path: ["order", "profiles"], summary: "how the order files of platforms are written", load: () => import("./commands/order/profiles.ts") },
  { path: ["order", "list"], summary: "find orders", load: () => import("./commands/order/list.ts") },
  { path: ["order", "show"], summary: "tell the whole story of an order", load: () => import("./commands/order/show.ts") },
  { path: ["import", "list"], summary: "files that were taken in, newest first", load: () => import("./commands/import/list.ts") },
  { path: ["import", "show"], summary: "one file taken in, and the rows it rejected", load: () => import("./commands/import/show.ts") },
  { path: ["grant", "run"], summary: "grant points for a business date", load: () => import("./commands/grant/run.ts") },
  { path: ["grant", "list"], summary: "list grant runs, newest first", load: () => import("./commands/grant/list.ts") },
  { path: ["grant", "show"], summary: "show one grant run", load: () => import("./commands/grant/show.ts") },
  { path: ["withdrawal", "request"], summary: "hold a member's points for a payout", load: () => import("./commands/withdrawal/request.ts") },
  { path: ["withdrawal", "import"], summary: "take in a file of requests", load: () => import("./commands/withdrawal/import.ts") },
  { path: ["withdrawal", "list"], summary: "find withdrawals, oldest first", load: () => import("./commands/withdrawal/list.ts") },
  { path: ["withdrawal", "show"], summary: "tell the whole story of a withdrawal", load: () => import("./commands/withdrawal/show.ts") },
  { path: ["withdrawal", "approve"], summary: "approve withdrawals for payment", load: () => import("./commands/withdrawal/approve.ts") },
  { path: ["withdrawal", "reject"], summary: "refuse withdrawals and release their points", load: () => import("./commands/withdrawal/reject.ts") },
  { path: ["withdrawal", "cancel"], summary: "take withdrawals back and release their points", load: () => import("./commands/withdrawal/cancel.ts") },
  { path: ["withdrawal", "expire"], summary: "let requests that nobody decided expire", load: () => import("./commands/withdrawal/expire.ts") },
  { path: ["policy", "show"], summary: "the rates and limits in force on a date", load: () => import("./commands/policy/show.ts") },
  { path: ["policy", "set"], summary: "change rates and limits from a date on", load: () => import("./commands/policy/set.ts") },
  { path: ["report", "fund"], summary: "the money behind the points, and what it has to cover", load: () => import("./commands/report/fund.ts") },
  { path: ["verify"], summary: "prove every invariant; exit code 7 when one does not hold", load: () => import("./commands/verify.ts") },
  { path: ["doctor"], summary: "check this machine, the server and the database", load: () => import("./commands/doctor.ts") },
  { path: ["db", "status"], summary: "which database, which versions, how large", load: () => import("./commands/db/status.ts") },
  { path: ["db", "url"], summary: "the database's URL, its password hidden", load: () => import("./commands/db/url.ts") },
  { path: ["db", "stop"], summary: "stop the embedded server", load: () => import("./commands/db/stop.ts") },
  { path: ["db", "new-key"], summary: "make a secret key for payout accounts", load: () => import("./commands/db/new-key.ts") },
  { path: ["db", "rotate-key"], summary: "seal every payout account under a new key", load: () => import("./commands/db/rotate-key.ts") },
  { path: ["config", "show"], summary: "every setting and where it comes from", load: () => import("./commands/config/show.ts") },
  { path: ["demo"], summary: "play the main job on sample files, in a place of its own", load: () => import("./commands/demo.ts") },
];
