import { writeReference } from "./write.ts";

await writeReference(process.argv[2]!);
