import { accruePaths } from "../../config/paths.ts";
import { ownServerTarget } from "../../db/target.ts";
import { createDatabase, createHome, newDatabaseName, type DemoPlace, type DemoServer } from "../../demo/place.ts";
import { play, type Audience, type PlayedStep } from "../../demo/play.ts";
import { startCleaner } from "../../demo/processes.ts";
import { exitCodeWords, maker } from "../../demo/story.ts";
import type { Page } from "../../ui/page.ts";
import type { Ui } from "../../ui/ui.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Session } from "../session.ts";

export const command = defineCommand({
  examples: [
    ["accrue demo", "from an empty database to granted points and an approved withdrawal; leaves nothing behind"],
    ["accrue demo --keep", "the same, and stays for you to look around in"],
    [
      "DATABASE_URL=postgres://… accrue demo",
      "on a server of your own, in a database made for it and dropped afterwards",
    ],
  ],
  configure: (command) => command.option("--keep", "leave its files and its database, and say where they are"),
  run: async (session, _args, { keep }) => {
    const server = serverOf(session);
    const home = createHome();
    const place: DemoPlace = { home, paths: accruePaths({ ACCRUE_HOME: home }, process.getuid?.() ?? -1), server };
    const cleaner = startCleaner(place, session.env);
    let isKept = false;
    let isClean = true;
    let isMade = server === undefined;
    let played: readonly PlayedStep[] = [];
    try {
      if (server !== undefined) await createDatabase(server, session.env);
      isMade = true;
      await say(session.ui, (page) => opening(page, place));
      played = await play(place, session.env, session.signal, audienceOf(session.ui));
      isKept = keep === true && isOver(played);
    } finally {
      isClean = await cleaner.end(isKept);
      if (!isClean && isMade) session.ui.note(leftoverText(place));
    }
    const exitCode = await finish(session, place, played, isKept);
    return exitCode === exitCodes.done && !isClean ? exitCodes.bug : exitCode;
  },
});

/** The user's own server with a database made for the demo; undefined when the settings name none. */
function serverOf({ settings, env }: Session): DemoServer | undefined {
  const { value: url, origin } = settings.databaseUrl;
  if (url === undefined) return undefined;
  ownServerTarget(url, origin, env); // what is none is refused before anything is made
  return { url, database: newDatabaseName() };
}

const say = async (ui: Ui, render: (page: Page) => void): Promise<void> => {
  if (!ui.json) await ui.show(undefined, render);
};

const leftoverText = ({ home, server }: DemoPlace): string =>
  server === undefined
    ? `cannot clean up after the demo: stop its server with \`ACCRUE_HOME=${home} accrue db stop\` and remove ${home}`
    : `cannot clean up after the demo: drop database ${server.database} on your server`;

const isOver = (played: readonly PlayedStep[]): boolean =>
  played.every(({ exitCode, expectedExitCode }) => exitCode === expectedExitCode);

function opening(page: Page, { home, server }: DemoPlace): void {
  page.line("The main job on sample files: from an empty database to granted points and an approved withdrawal.");
  page.line(
    server === undefined
      ? `It plays in ${home}, with a PostgreSQL server of its own.`
      : `It plays in ${home} and in database ${server.database} on your server, made for it; your own data is not touched.`,
  );
  page
    .line()
    .line("$ export ACCRUE_HOME=" + home)
    .line(`$ cd ${home}`)
    .line(`$ export ACCRUE_OPERATOR=${maker}`);
}

const audienceOf = (ui: Ui): Audience => ({
  isLive: !ui.json,
  chapter: ({ title }) => say(ui, (page) => page.line().heading(`== ${title}`)),
  command: ({ before }, line) =>
    say(ui, (page) => {
      page.line();
      if (before !== undefined) page.line(`# ${before}`);
      page.heading(`$ ${line}`);
    }),
  ended: ({ exitCode = 0, after }, result) =>
    say(ui, (page) => {
      if (exitCode !== 0 && result.exitCode === exitCode)
        page.line(`# exit code ${exitCode}: ${exitCodeWords[exitCode]}`);
      if (after !== undefined && result.exitCode === exitCode) page.line(`# ${after}`);
    }),
});

async function finish(
  { ui }: Session,
  place: DemoPlace,
  played: readonly PlayedStep[],
  isKept: boolean,
): Promise<number> {
  const ok = isOver(played);
  const document = {
    ok,
    kept: isKept,
    home: isKept ? place.home : null,
    database: isKept ? (place.server?.database ?? null) : null,
    steps: played.map((step) => ({
      command: step.command,
      exit_code: step.exitCode,
      expected_exit_code: step.expectedExitCode,
      stdout: step.stdout,
      stderr: step.stderr,
    })),
  };
  const last = played.at(-1);
  if (!ok)
    ui.note(
      `the demo stops here: \`${last?.command}\` ended with exit code ${last?.exitCode}, where ${last?.expectedExitCode} belongs to the story`,
    );
  await ui.show(document, (page) => {
    if (ok) closing(page, place, isKept);
  });
  if (ok) return exitCodes.done;
  return last === undefined || last.exitCode === 0 ? exitCodes.bug : last.exitCode;
}

function closing(page: Page, { home, server }: DemoPlace, isKept: boolean): void {
  page.line().heading("== What next");
  if (!isKept) {
    page.line("Nothing is left of this demo. `accrue demo --keep` plays it again and lets you look around.");
  } else {
    page.line("This demo stays. To look around in it:");
    page.line(`  export ACCRUE_HOME=${home}; cd ${home}`);
    if (server !== undefined)
      page.line(`  export DATABASE_URL=…/${server.database}   (your server's URL with this database)`);
    page.line("  accrue member list; accrue order list --member M1001; accrue withdrawal show W00000001");
    page.line(
      `To be rid of it: ${server === undefined ? "accrue db stop" : `DROP DATABASE ${server.database}`}; rm -r ${home}`,
    );
  }
  page.line(
    "With files of your own: `accrue init`, then import members, merchants and orders the same way; `accrue help files` lists their columns.",
  );
  page.line(
    "On a PostgreSQL server of your own: set DATABASE_URL first. `accrue --help` lists everything. In a clone, accrue is `node bin/accrue.js`.",
  );
}
