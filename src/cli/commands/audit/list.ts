import { listActions } from "../../../domain/operators/actions.ts";
import type { ActionRow } from "../../../domain/operators/actions-sql.ts";
import { actionSubjects } from "../../../shared/action-subjects.ts";
import { usageError } from "../../../shared/errors.ts";
import { id, type Thing } from "../../fields.ts";
import { choice, date, idOr } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { recordedFields } from "../../story-view.ts";

const record: Thing<ActionRow> = {
  fields: {
    record: id((one) => one.actionId),
    ...recordedFields,
    login_role: { of: (one) => one.loginRole, rank: 3 },
    kind: { of: (one) => one.subjectKind, text: (one) => one.subjectKind.replaceAll("_", " ") },
    subject: { of: (one) => one.subject, isId: true },
  },
  columns: ["at", "operator", "identity", "host", "action", "kind", "subject", "details"],
};

const readRecordId = idOr((text) =>
  usageError("invalid_record_id", `--after ${text} is no number of a record`, {
    hint: "the end of a page names the one that the next page comes after",
  }),
);

export const command = defineList({
  examples: [
    ["accrue audit list --by zhang.min --from 2026-01-01", "what they did, and were refused, since then"],
    ["accrue audit list --subject W00000001", "who did what with a withdrawal"],
    ["accrue audit list --refusals", "approvals and commands that were refused, with the reason"],
    ["accrue audit list --reveals --all --csv > reveals.csv", "every time that something private was shown in full"],
  ],
  thing: record,
  nothing: "no records",
  keyName: "record (the newest are listed first)",
  key: { read: readRecordId, write: String },
  configure: (command) =>
    command
      .option("--by <operator>", "of this operator")
      .option("--action <action>", "of this action: policy.set")
      .addOption(choice("--kind <kind>", "of something of this kind", actionSubjects))
      .option("--subject <subject>", "of the thing with this number, code or name")
      .option("--host <host>", "from this machine")
      .addOption(date("--from <date>", "of this business date or later"))
      .addOption(date("--to <date>", "of this business date or earlier"))
      .option("--reveals", "only what showed in full what is private")
      .option("--refusals", "only what was refused"),
  get:
    ({ by: operator, action, kind: subjectKind, subject, host, from, to, reveals, refusals }) =>
    (context, page) =>
      listActions(context, { operator, action, subjectKind, subject, host, from, to, reveals, refusals }, page),
});
