import { newSecretKey, writeNewKey } from "../../../config/secret-key.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue db new-key --file /etc/accrue/secret.key",
      "write a new key into a file of mode 0600 that does not exist yet",
    ],
    ["export ACCRUE_SECRET_KEY=$(accrue db new-key)", "print one, for a vault or the environment"],
  ],
  configure: (command) => command.option("--file <path>", "write it there instead of printing it"),
  run: async ({ ui }, _args, { file }) => {
    if (file === undefined) {
      const key = newSecretKey();
      return ui.show({ secret_key: key }, (page) => page.line(key));
    }
    writeNewKey(file);
    await ui.show({ file }, (page) =>
      page.line(`wrote a new key to ${file}; keep a copy of it where the database's backups are not`),
    );
  },
});
