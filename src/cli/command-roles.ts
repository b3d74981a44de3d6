import { operatorRoles, type OperatorRole } from "../shared/operator-roles.ts";

/** Some commands, each as its noun and verbs, and the roles that may run them. */
export interface CommandRoles {
  readonly roles: readonly OperatorRole[];
  readonly commands: readonly string[];
}

/**
 * Which role may run what, beside admins, who may run everything. Commands that only look after the machine ask the
 * registry nothing, and so stand with what everybody may do.
 */
const table: readonly CommandRoles[] = [
  {
    roles: ["clerk"],
    commands: [
      "member register|edit|freeze|unfreeze|close",
      "member verify-identity|unverify|set-password|verify-password|alias|unalias",
      "account add|import|set-default|close",
      "merchant approve|suspend|alias|unalias",
      "withdrawal request|cancel",
    ],
  },
  { roles: ["clerk", "finance"], commands: ["merchant set-rate", "order void|correct", "import undo"] },
  {
    roles: ["clerk", "batch"],
    commands: [
      "member import|import-aliases",
      "merchant import|import-aliases",
      "product import",
      "order import|import-evidence",
      "withdrawal import|expire",
    ],
  },
  { roles: ["approver"], commands: ["withdrawal review|approve|reject"] },
  { roles: ["approver", "finance"], commands: ["approval review|approve|reject"] },
  { roles: ["approver", "finance", "auditor"], commands: ["audit list"] },
  { roles: ["clerk", "approver", "finance"], commands: ["points adjust", "approval withdraw"] },
  {
    roles: ["finance"],
    commands: [
      "merchant bill|correct-bill|write-off",
      "collection record|confirm|reject",
      "money-account add",
      "payout export|send|retry|record|allow",
      "recon match|unmatch|void|set-rule",
      "opening import",
      "policy set",
      "settle reopen",
    ],
  },
  { roles: ["finance", "batch"], commands: ["payout result", "statement import", "recon run"] },
  { roles: ["batch"], commands: ["settle", "grant run"] },
  {
    roles: ["admin"],
    commands: ["init", "operator add|set|suspend|resume|grant-sql", "db restore|rotate-key", "history archive|attach"],
  },
  {
    roles: operatorRoles,
    commands: [
      "member list|show|statement|aliases",
      "account list|show",
      "merchant list|show|aliases|bills|statement",
      "collection list|show",
      "money-account list|show",
      "product list",
      "order evidence|profiles|list|show",
      "import list|show",
      "grant list|show",
      "withdrawal list|show",
      "payout list|show",
      "statement list|show",
      "recon list|show|rules",
      "points list",
      "policy show",
      "approval list|show",
      "settle status|plan|schedule",
      "report night|fund",
      "operator list|show|roles",
      "history list",
      "db status|url|stop|backup|new-key",
      "config show",
      "verify",
      "doctor",
      "completion",
      "version",
      "demo",
    ],
  },
];

/** Which role may run what: every command is in it once. */
export const commandRoles: readonly CommandRoles[] = table.map(({ roles, commands }) => ({
  roles: operatorRoles.filter((role) => role === "admin" || roles.includes(role)),
  commands,
}));

/** Who may see in full what is private (`--reveal`), which is recorded. */
export const revealingRoles: readonly OperatorRole[] = ["clerk", "approver", "finance", "admin"];

/** The commands of one entry of the table, each with its words. */
const wordsOf = (named: string): readonly string[] => {
  const [noun, verbs] = named.split(" ");
  return verbs === undefined ? [noun!] : verbs.split("|").map((verb) => `${noun} ${verb}`);
};

const byCommand = new Map(
  commandRoles.flatMap(({ roles, commands }) => commands.flatMap(wordsOf).map((words) => [words, roles] as const)),
);

/** The roles that may run a command; admins alone where nobody else was named. */
export const rolesOf = (words: string): readonly OperatorRole[] => byCommand.get(words) ?? ["admin"];

/** Every command that the table names. */
export const namedCommands = (): readonly string[] => [...byCommand.keys()];

/** Roles, as people read them. */
export const rolesText = (roles: readonly OperatorRole[]): string =>
  roles.length === operatorRoles.length ? "every role" : roles.join(", ");
