import { afterAll } from "vitest";
import { dropLeftDatabases } from "./database.ts";

// Runs with each test file, and after what the file itself does at its end.
afterAll(dropLeftDatabases);
