import type { Context } from "../db/context.ts";
import { runCommand, type CommandResult } from "./processes.ts";
import type { DemoPlace } from "./place.ts";
import { commandLine, maker, story, type Chapter, type Step } from "./story.ts";

/** One command that was played. */
export interface PlayedStep extends CommandResult {
  readonly command: string;
  readonly expectedExitCode: number;
}

/** Called before each command runs, and after it ended. */
export interface Audience {
  /** Whether the commands write to the same terminal themselves. */
  readonly isLive: boolean;
  chapter(chapter: Chapter): Promise<void>;
  command(step: Step, line: string): Promise<void>;
  ended(step: Step, result: CommandResult): Promise<void>;
}

/**
 * Plays the story, up to the first command that ends otherwise than the story has it.
 *
 * @throws the signal's reason, once the running command has ended
 */
export async function play(
  place: DemoPlace,
  env: NodeJS.ProcessEnv,
  signal: Context["signal"],
  audience: Audience,
): Promise<readonly PlayedStep[]> {
  const played: PlayedStep[] = [];
  const operatorEnv = { ...env, ACCRUE_OPERATOR: maker };
  for (const chapter of story) {
    await audience.chapter(chapter);
    for (const step of chapter.steps) {
      signal.throwIfAborted();
      const line = commandLine(step.words);
      await audience.command(step, line);
      const result = await runCommand(step.words, place, operatorEnv, signal, !audience.isLive);
      signal.throwIfAborted();
      played.push({ command: line, expectedExitCode: step.exitCode ?? 0, ...result });
      await audience.ended(step, result);
      if (result.exitCode !== (step.exitCode ?? 0)) return played;
    }
  }
  return played;
}
