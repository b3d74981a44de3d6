import { undoSubject } from "../../../domain/corrections/undo-subject.ts";
import { recordedImport } from "../../../imports/show.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";
import { readImportId } from "./list.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue import undo 5 --reason 'the file of another shop' --dry-run",
      "what it brought, what of that can be taken back, and why the rest cannot",
    ],
    [
      "accrue import undo 5 --reason 'the file of another shop'",
      "takes it back once another operator approves it; the same file can come again",
    ],
  ],
  configure: (command) =>
    addProposalOptions(command.argument("<import-id>", "the import, as `accrue import list` shows it", readImportId)),
  run: async (session, [importId], options) => {
    const context = await session.open();
    const { kind, file } = await recordedImport(context, importId);
    await proposeAndTell(session, context, undoSubject, { import_id: String(importId), kind, file }, options);
  },
});
