#!/usr/bin/env node
import { main } from "../dist/main.js";

// A reader that has seen enough (`accrue order list | head`) is no error.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), process.env, process);
