import { refusedError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [["accrue db stop", "stop the embedded server; the next command starts it again"]],
  run: async ({ settings, paths, env, signal, ui }) => {
    const { value, origin } = settings.databaseUrl;
    if (value !== undefined) {
      throw refusedError("server_not_embedded", `the server that ${origin} names is not accrue's to stop`, {
        hint: "only the embedded server is stopped here; stop another one where it runs",
      });
    }
    const { stopEmbeddedServer } = await import("../../../db/embedded/control.ts");
    const stopped = await stopEmbeddedServer({ paths, env, signal, onNote: (text) => ui.note(text) });
    await ui.show({ stopped }, (page) => page.line(stopped ? "the embedded server is stopped" : "the embedded server is not running; nothing to do"));
  },
});
