import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { helpTopics, topicText } from "../help-topics.ts";
import { version } from "../version.ts";
import { markdownReference } from "./markdown.ts";
import { chapters, sharedOptions } from "./pages.ts";
import { chapterPage, programPage, topicPage } from "./roff.ts";

/** Writes the man pages (`man1/accrue.1` …, topics in `man7/`) and `reference.md` into a directory, which is made. */
export async function writeReference(directory: string): Promise<void> {
  for (const section of ["man1", "man7"]) mkdirSync(join(directory, section), { recursive: true });
  const [all, shared, topics] = [await chapters(), sharedOptions(), helpTopics()];
  const files = [
    ["reference.md", markdownReference(all, shared, version)],
    ["man1/accrue.1", programPage(all, shared, topics, version)],
    ...all.map((chapter) => [`man1/accrue-${chapter.word}.1`, chapterPage(chapter, version)]),
    ...topics.map((topic) => [`man7/accrue-${topic.name}.7`, topicPage(topic, topicText(topic.name)!, version)]),
  ] as const;
  for (const [name, text] of files) writeFileSync(join(directory, name!), text!);
}
