import { showCollection } from "../../../domain/collections/read.ts";
import { defineShow } from "../../show.ts";
import { collectionPage, collectionStory } from "./view.ts";

export const command = defineShow({
  examples: [["accrue collection show C00000001", "what came in, what proves it, and who did what when"]],
  thing: collectionStory,
  page: collectionPage,
  configure: (command) => command.argument("<collection-no>", "the collection's number"),
  get:
    (_options, [collectionNo]) =>
    async (context) => {
      const story = await showCollection(context, collectionNo);
      return { ...story.collection, ...story };
    },
});
