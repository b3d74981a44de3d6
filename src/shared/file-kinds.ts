/** Every kind of file that can be imported, with the folder of the inbox where a settlement finds such files. */
export const fileKinds = [
  { kind: "members", folder: "members" },
  { kind: "merchants", folder: "merchants" },
  { kind: "products", folder: "products" },
  { kind: "orders", folder: "orders" },
  { kind: "withdrawals", folder: "withdrawals" },
  { kind: "payout_results", folder: "results" },
  { kind: "member_aliases", folder: undefined },
  { kind: "merchant_aliases", folder: undefined },
  { kind: "accounts", folder: undefined },
  { kind: "statements", folder: "statements" },
  { kind: "order_evidence", folder: "evidence" },
] as const;

export type FileKind = (typeof fileKinds)[number]["kind"];

/** The names of all kinds. */
export const importKinds = fileKinds.map(({ kind }) => kind) as [FileKind, ...FileKind[]];

/** A folder of the inbox; files are imported in this order, for what others refer to comes first. */
export type InboxFolder = NonNullable<(typeof fileKinds)[number]["folder"]>;

/** What the files of each folder are recorded as. */
export const kindOfFolder = Object.fromEntries(
  fileKinds.flatMap(({ kind, folder }) => (folder === undefined ? [] : [[folder, kind]])),
) as Readonly<Record<InboxFolder, FileKind>>;
