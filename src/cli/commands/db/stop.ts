import { otherSessions, type OtherSession } from "../../../db/sessions.ts";
import { AccrueError, busyError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { requireEmbedded } from "../../embedded-only.ts";
import type { Session } from "../../session.ts";

export const command = defineCommand({
  examples: [
    ["accrue db stop", "stop the embedded server; the next command starts it again"],
    ["accrue db stop --force", "even while others are at work on it: what they have not committed is rolled back"],
  ],
  configure: (command) => command.option("--force", "do not ask whether others are at work"),
  run: async (session, _args, { force }) => {
    const { settings, paths, env, signal, ui } = session;
    requireEmbedded(settings, "stop", () => "only the embedded server is stopped here; stop another one where it runs");
    const { stopEmbeddedServer } = await import("../../../db/embedded/stop.ts");
    const { findRunning } = await import("../../../db/embedded/running.ts");
    if (force !== true && (await findRunning(paths)) !== undefined && !(await mayStop(session))) {
      ui.note("nothing was stopped");
      return;
    }
    const stopped = await stopEmbeddedServer({ paths, env, signal, onNote: (text) => ui.note(text) });
    await ui.show({ stopped }, (page) => {
      page.line(stopped ? "the embedded server is stopped" : "the embedded server is not running; nothing to do");
    });
  },
});

/**
 * Whether nobody else is at work, or the operator cuts them off.
 *
 * @throws busy `server_in_use` where nobody can be asked
 */
async function mayStop(session: Session): Promise<boolean> {
  const others = await othersAtWork(session);
  if (others.length === 0) return true;
  if (!session.ui.interactive) throw serverInUse(others);
  return session.ui.confirm(`${atWork(others)}. Stop it all the same? What they have not committed is rolled back.`);
}

/** A server that lets nobody in can be stopped, too: that may be the reason to do it. */
async function othersAtWork(session: Session): Promise<readonly OtherSession[]> {
  try {
    return await otherSessions(await session.database());
  } catch (error) {
    if (error instanceof AccrueError && error.kind === "unreachable") return [];
    throw error;
  } finally {
    await session.close();
  }
}

const maxNamed = 5;

const atWork = (others: readonly OtherSession[]): string => {
  const named = others
    .slice(0, maxNamed)
    .map(({ application, pid, since }) => `${application} (process ${pid}, since ${since.toISOString()})`);
  const more = others.length > maxNamed ? `, and ${others.length - maxNamed} more` : "";
  const who = others.length === 1 ? "another session is" : `${others.length} others are`;
  return `${who} at work on the embedded server: ${named.join(", ")}${more}`;
};

const serverInUse = (others: readonly OtherSession[]): AccrueError =>
  busyError("server_in_use", atWork(others), {
    hint: "stop it when they have ended, or give --force: what they have not committed is rolled back",
    details: {
      sessions: others.map(({ pid, application, since }) => ({ pid, application, since: since.toISOString() })),
    },
  });
