import { addAlias, aliasKeyOf, removeAlias, sourceOf } from "../domain/aliases/change.ts";
import { aliasKind } from "../domain/aliases/import.ts";
import { listAliases } from "../domain/aliases/list.ts";
import type { AliasHolder, AliasKey } from "../domain/aliases/model.ts";
import type { ListedAlias } from "../domain/aliases/sql.ts";
import { usageError } from "../shared/errors.ts";
import { defineCommand, type Examples } from "./command.ts";
import { id, type Thing } from "./fields.ts";
import { defineImportCommand } from "./import-command.ts";
import { defineList } from "./list.ts";

const numberOf = { member: "member-no", merchant: "merchant-code" } as const;
const numberKey = { member: "member_no", merchant: "merchant_code" } as const;

/** The command `member alias` or `merchant alias`. */
export const addAliasCommand = (holder: AliasHolder, examples: Examples) =>
  defineCommand({
    examples,
    configure: (command) =>
      command
        .argument(`<${numberOf[holder]}>`, "who is meant")
        .argument("<alias>", "what the source calls them")
        .requiredOption("--source <source>", "the source whose files say so: taobao, jd, wechat …")
        .option("--dry-run", "check and roll back"),
    run: async (session, [holderNo, alias], { source }) => {
      const key = aliasKeyOf(alias, source);
      const context = await session.open();
      const isAdded = await addAlias(context, holder, holderNo, key);
      const document = { [numberKey[holder]]: holderNo, ...key, changed: isAdded, dry_run: session.isDry };
      const already = isAdded ? "" : " already; nothing to do";
      await session.ui.show(document, (page) =>
        page.line(`${dryPrefix(session.isDry)}${key.source} calls ${holder} ${holderNo} ${key.alias}${already}`),
      );
    },
  });

/** The command `member unalias` or `merchant unalias`. */
export const removeAliasCommand = (holder: AliasHolder, examples: Examples) =>
  defineCommand({
    examples,
    configure: (command) =>
      command
        .argument("<alias>", "what the source calls them")
        .requiredOption("--source <source>", "the source that calls them so")
        .option("--dry-run", "check and roll back"),
    run: async (session, [alias], { source }) => {
      const key = aliasKeyOf(alias, source);
      const context = await session.open();
      const holderNo = await removeAlias(context, holder, key);
      await session.ui.show({ [numberKey[holder]]: holderNo, ...key, dry_run: session.isDry }, (page) =>
        page.line(`${dryPrefix(session.isDry)}${key.source}'s ${key.alias} is no longer ${holder} ${holderNo}`),
      );
    },
  });

const dryPrefix = (isDry: boolean): string => (isDry ? "dry run: " : "");

const aliasOf = (holder: AliasHolder): Thing<ListedAlias> => ({
  fields: {
    alias: id((one) => one.alias),
    source: { of: (one) => one.source },
    [numberKey[holder]]: id((one) => one.holderNo, { heading: holder }),
    import_id: { of: (one) => one.importId },
    added_by: {
      of: (one) => one.addedBy,
      text: (one) => `${one.addedBy}${one.importId === null ? "" : `, import ${one.importId}`}`,
      rank: 2,
    },
    added_at: { of: (one) => one.addedAt },
  },
  columns: ["alias", "source", numberKey[holder], "added_by"],
});

/** The command `member aliases` or `merchant aliases`. */
export const listAliasesCommand = (holder: AliasHolder, examples: Examples) =>
  defineList({
    examples,
    thing: aliasOf(holder),
    nothing: "no aliases",
    keyName: "alias, comma, source",
    key: { read: readKey, write: ({ alias, source }) => `'${alias},${source}'` },
    configure: (command) =>
      command
        .argument(`[${numberOf[holder]}]`, `only those of this ${holder}`)
        .option("--source <source>", "only what this source calls them")
        .option("--alias <alias>", "whose alias is this"),
    get:
      ({ source, alias }, [holderNo]) =>
      (context, page) =>
        listAliases(context, holder, { holderNo, source, alias }, page),
  });

/** A source has no comma, so the last one ends the alias. */
function readKey(text: string): AliasKey {
  const comma = text.lastIndexOf(",");
  if (comma > 0 && comma < text.length - 1) return { alias: text.slice(0, comma), source: text.slice(comma + 1) };
  throw usageError("invalid_after", `--after ${text} names no alias`, {
    hint: "write it like 'nick,taobao': alias, comma, source",
  });
}

/** The command `member import-aliases` or `merchant import-aliases`. */
export const importAliasesCommand = (holder: AliasHolder, examples: Examples) =>
  defineImportCommand({
    examples,
    columns: aliasKind(holder).columns,
    configure: (command) => command.option("--source <source>", "the source of rows that name none"),
    kind: ({ source }) => aliasKind(holder, source === undefined ? undefined : sourceOf(source)),
  });
