import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../files/package-root.ts";

const folder = join(packageRoot, "src/cli/help");

/** One help topic: the word after `accrue help`, and what its title says it is about. */
export interface HelpTopic {
  readonly name: string;
  readonly summary: string;
}

/** Every topic, in the order of the alphabet: each is a Markdown file whose first line is `# Title: summary`. */
export function helpTopics(): readonly HelpTopic[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length))
    .toSorted();
  return names.map((name) => ({
    name,
    summary: topicText(name)!
      .split("\n", 1)[0]!
      .replace(/^#[^:]*: /, ""),
  }));
}

/** A topic's text, as Markdown; undefined when there is no such topic. */
export function topicText(name: string): string | undefined {
  if (!/^[a-z-]+$/.test(name)) return undefined;
  try {
    return readFileSync(join(folder, `${name}.md`), "utf8");
  } catch {
    return undefined;
  }
}
