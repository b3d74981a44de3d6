import { destination, pino, stdTimeFunctions, type DestinationStream } from "pino";
import { visibleJson } from "../shared/text.ts";
import { toJson } from "./json.ts";

export type LogLevel = "info" | "warn" | "error";

/** Lines for a log collector, one JSON object each: level, time, pid, hostname, the fields given, `msg`. */
export interface Log {
  write(level: LogLevel, fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Opens a log on a stream. Node writes its stderr later when the reader of a pipe is slow, so the lines of a process go
 * to the descriptor itself, each before the call returns: none is lost at an exit or a kill.
 */
export function openLog(stream: NodeJS.WritableStream): Log {
  const target = destinationOf(stream);
  const logger = pino(
    {
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (level) => ({ level }),
        // The same forms as everywhere else: a bigint is an integer, or a text where a number would lie.
        log: (fields) => JSON.parse(toJson(fields)) as Record<string, unknown>,
      },
    },
    { write: (line) => target.write(visibleJson(line)) },
  );
  return { write: (level, fields, message) => logger[level](fields, message) };
}

function destinationOf(stream: NodeJS.WritableStream): DestinationStream {
  if (!("fd" in stream) || typeof stream.fd !== "number") return stream;
  const descriptor = destination({ fd: stream.fd, sync: true });
  descriptor.on("error", () => {}); // nothing can be reported any more; the work goes on
  return descriptor;
}
