import { existsSync } from "node:fs";
import { maskUrl } from "../../../config/mask-url.ts";
import type { KeySource } from "../../../config/settings.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, chosenOf, documentOf, type Thing } from "../../fields.ts";
import { tellAll } from "../../list.ts";

const setting: Thing<{ readonly name: string; readonly value: string; readonly origin: string }> = {
  fields: {
    name: { of: ({ name }) => name, heading: "setting", key: true },
    value: { of: ({ value }) => value, key: true },
    origin: { of: ({ origin }) => origin, key: true },
  },
};

export const command = defineCommand({
  examples: [["accrue config show", "every setting, its value and where that comes from; passwords hidden"]],
  configure: (command) => addFormOptions(command, setting),
  run: async (session) => {
    const { settings, paths, env, ui } = session;
    const { databaseUrl, readUrl, operator, inbox, expect, pingUrl } = settings;
    const url =
      databaseUrl.value === undefined
        ? "(the embedded server)"
        : databaseUrl.value === ""
          ? "(as PGHOST, PGDATABASE … say)"
          : maskUrl(databaseUrl.value);
    const homeOr = (variable: string) =>
      paths.home !== undefined ? "ACCRUE_HOME" : (env[variable] ?? "") !== "" ? variable : "default";
    const rows = [
      { name: "database_url", value: url, origin: databaseUrl.origin },
      {
        name: "read_url",
        value: readUrl.value === undefined ? "(the database)" : maskUrl(readUrl.value),
        origin: readUrl.origin,
      },
      { name: "operator", value: operator.value, origin: operator.origin },
      { name: "timeout", value: settings.timeout.value, origin: settings.timeout.origin },
      { name: "inbox", value: inbox.value ?? "(none)", origin: inbox.origin },
      { name: "expect", value: expect.value.length === 0 ? "(none)" : expect.value.join(" "), origin: expect.origin },
      { name: "ping_url", value: pingUrl.value === undefined ? "(none)" : "(set)", origin: pingUrl.origin },
      { name: "secret_key", value: keyText(settings.secretKey.value), origin: settings.secretKey.origin },
      { name: "old_secret_key", value: keyText(settings.oldSecretKey.value), origin: settings.oldSecretKey.origin },
      { name: "stripe_key", value: keyText(settings.stripeKey.value), origin: settings.stripeKey.origin },
      { name: "stripe_api_base", value: settings.stripeApiBase.value, origin: settings.stripeApiBase.origin },
      { name: "stripe_currency", value: settings.stripeCurrency.value, origin: settings.stripeCurrency.origin },
      {
        name: "settings_file",
        value: existsSync(paths.configFile) ? paths.configFile : `${paths.configFile} (not there)`,
        origin: homeOr("XDG_CONFIG_HOME"),
      },
      { name: "data_directory", value: paths.dataDir, origin: homeOr("XDG_DATA_HOME") },
      { name: "state_directory", value: paths.stateDir, origin: homeOr("XDG_STATE_HOME") },
    ];
    if (ui.json)
      return ui.show({ settings: rows.map((row) => documentOf(setting, row, chosenOf(session, setting))) }, () => {});
    await tellAll(session, setting, "", rows, "");
  },
});

/** Where a key is to be read; never the key. */
const keyText = (source: KeySource | undefined): string =>
  source === undefined ? "(none)" : source.kind === "file" ? source.path : "(set)";
