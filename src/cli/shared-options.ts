import type { Command } from "commander";

/** Adds the options that every command has: those of `SharedOptions`. */
export const addSharedOptions = (command: Command): Command =>
  command
    .option("--json", "print one JSON document (lists: one object a line)")
    .option("--operator <name>", "who is at work (default: ACCRUE_OPERATOR, else the OS user)")
    .option("--no-input", "never ask, as off a terminal")
    .option("--debug", "show stack traces");
