/**
 * Lines to a file descriptor, gathered into one reused block of bytes: a write for each line
 * costs a system call, and gathering strings instead doubles the memory of a busy server.
 *
 * @module
 */

export interface LineWriterOptions {
  /** Writes bytes at once and tells how many it took, as a file does. */
  readonly writeSync: (bytes: Uint8Array) => number;
  /** Calls back after some milliseconds, as `setTimeout` does. */
  readonly schedule: (flush: () => void, ms: number) => void;
  /** Milliseconds a line waits at most; 50. */
  readonly flushMs?: number;
  /** Bytes gathered at most; 65,536. */
  readonly blockBytes?: number;
}

export interface LineWriter {
  /** Takes a line without its end. */
  write(line: string): void;
  /** Writes what was gathered; call it before the process ends. */
  flush(): void;
}

/** A writer with an empty block. @throws {RangeError} for an option out of range */
export function createLineWriter(options: LineWriterOptions): LineWriter {
  const { writeSync, schedule, flushMs = 50, blockBytes = 65_536 } = options;
  if (!(blockBytes >= 1)) {
    throw new RangeError(
      `Cannot create line writer as blockBytes must be >= 1: current value is ${blockBytes}`,
    );
  }
  const encoder = new TextEncoder();
  const block = new Uint8Array(blockBytes);
  let used = 0;
  let scheduled = false;

  function writeAll(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.byteLength;) {
      const taken = writeSync(bytes.subarray(done));
      if (!(taken > 0)) return; // the reader is gone
      done += taken;
    }
  }

  function flush(): void {
    scheduled = false;
    const bytes = block.subarray(0, used);
    used = 0;
    writeAll(bytes);
  }

  return {
    flush,
    write(line) {
      const text = `${line}\n`;
      // A UTF-16 unit takes at most three bytes.
      if (text.length * 3 > blockBytes - used) flush();
      if (text.length * 3 > blockBytes) return writeAll(encoder.encode(text));
      used += encoder.encodeInto(text, block.subarray(used)).written;
      if (scheduled) return;
      scheduled = true;
      schedule(flush, flushMs);
    },
  };
}
