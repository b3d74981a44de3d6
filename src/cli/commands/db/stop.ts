import { defineCommand } from "../../command.ts";
import { requireEmbedded } from "../../embedded-only.ts";

export const command = defineCommand({
  examples: [["accrue db stop", "stop the embedded server; the next command starts it again"]],
  run: async ({ settings, paths, env, signal, ui }) => {
    requireEmbedded(settings, "stop", () => "only the embedded server is stopped here; stop another one where it runs");
    const { stopEmbeddedServer } = await import("../../../db/embedded/control.ts");
    const stopped = await stopEmbeddedServer({ paths, env, signal, onNote: (text) => ui.note(text) });
    await ui.show({ stopped }, (page) => page.line(stopped ? "the embedded server is stopped" : "the embedded server is not running; nothing to do"));
  },
});
