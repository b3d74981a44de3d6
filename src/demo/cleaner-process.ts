import { cleanUpWhenOver } from "./cleaner.ts";

// A terminal's Ctrl-C is for the demo; what cleans up after it goes on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

await cleanUpWhenOver(process.stdin, process.env);
