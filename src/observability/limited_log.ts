/**
 * Lines that somebody outside can cause without end: a few in each minute are written, and how many
 * were left out is said once the minute is over.
 *
 * @module
 */
import type { LogFields, Logger } from "./log.ts";

/** Lines of one message in a minute. */
const LINES_MAX = 10;
const WINDOW_MS = 60_000;

export interface LimitedLog {
  /** Writes a line, or counts it. `msg` is one of the program's own, never made of what was sent. */
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
  /** Says what was left out in windows that are over; cheap, so that every request may call it. */
  flush(): void;
}

export interface LimitedLogOptions {
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Lines of one message in a window; 10. */
  readonly linesMax?: number;
}

interface Window {
  readonly level: "warn" | "error";
  readonly until: number;
  lines: number;
}

/** @throws {RangeError} when `linesMax` is not at least 1. */
export function createLimitedLog(options: LimitedLogOptions): LimitedLog {
  const { log, now, linesMax = LINES_MAX } = options;
  if (!(linesMax >= 1)) {
    throw new RangeError(`Cannot limit the log as linesMax must be >= 1: it is ${linesMax}`);
  }
  const windows = new Map<string, Window>();
  /** When the first window ends. */
  let due = Infinity;

  function flush(): void {
    const at = now();
    if (at < due) return;
    for (const [msg, { level, until, lines }] of [...windows]) {
      if (at < until) continue;
      windows.delete(msg);
      const leftOut = lines - linesMax;
      if (leftOut > 0) log[level](msg, { leftOut, seconds: WINDOW_MS / 1000 });
    }
    due = Math.min(...[...windows.values()].map(({ until }) => until));
  }

  const writer = (level: Window["level"]) => (msg: string, fields?: LogFields): void => {
    flush();
    let window = windows.get(msg);
    if (!window) {
      window = { level, until: now() + WINDOW_MS, lines: 0 };
      windows.set(msg, window);
      due = Math.min(due, window.until);
    }
    if (++window.lines <= linesMax) log[level](msg, fields);
  };

  return { warn: writer("warn"), error: writer("error"), flush };
}
