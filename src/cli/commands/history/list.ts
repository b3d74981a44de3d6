import { listArchives } from "../../../history/attach.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineList } from "../../list.ts";
import { archive } from "./view.ts";

/** Reads the number of an archive. */
export function readArchiveNo(text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw usageError("invalid_archive_no", `"${text}" is no number of an archive`, {
    hint: "`accrue history list` shows them",
  });
}

export const command = defineList({
  examples: [
    ["accrue history list", "the archives, and where their files were written"],
    ["accrue history list --json", "one object a line"],
  ],
  thing: archive,
  nothing: "no archives",
  keyName: "archive number (archives are listed newest first)",
  key: { read: readArchiveNo, write: String },
  configure: (command) => command,
  get: () => (context, page) => listArchives(context, page),
});
