/**
 * Everything a database holds as NDJSON, and back, from any database to any other. A line each:
 *
 * - `{"businessglance": "export", "version": 1}` first;
 * - `{"source": {"name", "mode"}}` before what belongs to it;
 * - `{"kind", "id", "body"}` a fact, its body as stored (fractions as `{"~": "1/3"}`);
 * - `{"snapshot": {"day", "currency", "mrr", "customers", "movements"}}` a close of a day;
 * - `{"event": {"event", "via", "receivedAt", "state", "tries", "error", "settledAt"}}` an event of
 *   Stripe's that is not applied yet, waiting or set aside;
 * - `{"end": {"facts", "snapshots", "events"}}` last, so that a file that was cut off is noticed.
 *
 * @module
 */
import {
  type Fact,
  FACT_KINDS,
  type FactKind,
  type Snapshot,
  StorageError,
} from "../../store/journal.ts";
import type { InboxRow } from "../../store/inbox.ts";

export interface SourceName {
  readonly name: string;
  readonly mode: string;
}

/** One source of whatever database. */
export interface StoredSource {
  facts(kind: FactKind): Iterable<Fact> | Promise<Iterable<Fact>>;
  /** Snapshots of [from, to), oldest first; days as `2026-10-05`. */
  snapshots(from: string, to: string): readonly Snapshot[] | Promise<readonly Snapshot[]>;
  /** Events that are not applied yet, oldest first. */
  openEvents(): readonly InboxRow[] | Promise<readonly InboxRow[]>;
  write(
    facts: readonly Fact[],
    snapshots: readonly Snapshot[],
    events?: readonly InboxRow[],
  ): void | Promise<void>;
  forget(): void | Promise<void>;
}

/** What is read from and written to: sources by name and mode. */
export interface StoredSources {
  sources(): readonly SourceName[] | Promise<readonly SourceName[]>;
  source(name: string, mode: string): StoredSource | Promise<StoredSource>;
}

export interface Transferred {
  readonly facts: number;
  readonly snapshots: number;
  readonly events: number;
}

const VERSION = 1;
const BATCH = 1_000;
/** Days that no snapshot lies outside of. */
const ALWAYS = ["0000-01-01", "9999-12-31"] as const;

/** The lines of an export. */
export async function* exportLines(database: StoredSources): AsyncIterable<string> {
  let facts = 0;
  let snapshots = 0;
  let events = 0;
  yield JSON.stringify({ businessglance: "export", version: VERSION });
  for (const { name, mode } of await database.sources()) {
    yield JSON.stringify({ source: { name, mode } });
    const source = await database.source(name, mode);
    for (const kind of FACT_KINDS) {
      for (const { id, body } of await source.facts(kind)) {
        facts++;
        yield `{"kind":${JSON.stringify(kind)},"id":${JSON.stringify(id)},"body":${body}}`;
      }
    }
    for (const snapshot of await source.snapshots(...ALWAYS)) {
      snapshots++;
      yield JSON.stringify({ snapshot });
    }
    for (const event of await source.openEvents()) {
      events++;
      yield JSON.stringify({ event });
    }
  }
  yield JSON.stringify({ end: { facts, snapshots, events } });
}

interface Line {
  readonly businessglance?: string;
  readonly version?: number;
  readonly source?: { readonly name: string; readonly mode: string };
  readonly kind?: string;
  readonly id?: string;
  readonly body?: unknown;
  readonly snapshot?: Snapshot;
  readonly event?: InboxRow;
  readonly end?: Partial<Transferred>;
}

function parseLine(text: string, number: number, name: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    throw new StorageError(`${name}, line ${number}: this is no JSON: the file is not an export`);
  }
}

function isKind(kind: string): kind is FactKind {
  return (FACT_KINDS as readonly string[]).includes(kind);
}

/** Writes what comes in batches, and counts it. */
function createWriter(database: StoredSources) {
  const started: StoredSource[] = [];
  let facts: Fact[] = [];
  let snapshots: Snapshot[] = [];
  let events: InboxRow[] = [];
  const total = { facts: 0, snapshots: 0, events: 0 };

  async function flush(): Promise<void> {
    await started.at(-1)?.write(facts, snapshots, events);
    facts = [];
    snapshots = [];
    events = [];
  }

  return {
    total,
    flush,
    /** @throws {StorageError} when the source is there already. */
    async begin(name: string, mode: string): Promise<void> {
      await flush();
      const known = await database.sources();
      if (known.some((one) => one.name === name && one.mode === mode)) {
        throw new StorageError(
          `The database has the source ${name} (${mode}) already: import into an empty one, or let ` +
            `go of it with glance source:forget ${name}`,
        );
      }
      started.push(await database.source(name, mode));
    },
    async fact(fact: Fact): Promise<void> {
      facts.push(fact);
      total.facts++;
      if (facts.length >= BATCH) await flush();
    },
    async snapshot(snapshot: Snapshot): Promise<void> {
      snapshots.push(snapshot);
      total.snapshots++;
      if (snapshots.length >= BATCH) await flush();
    },
    async event(event: InboxRow): Promise<void> {
      events.push(event);
      total.events++;
      if (events.length >= BATCH) await flush();
    },
    hasSource: () => started.length > 0,
    /** Takes away what was begun. */
    async undo(): Promise<void> {
      for (const source of started) await source.forget();
    },
  };
}

async function take(
  line: Line,
  at: string,
  writer: ReturnType<typeof createWriter>,
): Promise<void> {
  if (line.source) return await writer.begin(line.source.name, line.source.mode);
  if (!writer.hasSource()) throw new StorageError(`${at}: a source must come first`);
  if (line.snapshot) return await writer.snapshot(line.snapshot);
  if (line.event) return await writer.event(line.event);
  if (line.kind === undefined || line.id === undefined || line.body === undefined) {
    throw new StorageError(`${at}: neither a source, a fact, a snapshot nor an event`);
  }
  if (!isKind(line.kind)) {
    throw new StorageError(
      `${at}: the kind ${line.kind} is not known: the file is of a newer program`,
    );
  }
  await writer.fact({ kind: line.kind, id: line.id, body: JSON.stringify(line.body) });
}

/**
 * Takes an export in, whole or not at all.
 *
 * @param name What the file is called in errors.
 * @throws {StorageError} that names the line.
 */
export async function importLines(
  lines: Iterable<string> | AsyncIterable<string>,
  database: StoredSources,
  name: string,
): Promise<Transferred> {
  const writer = createWriter(database);
  let number = 0;
  let end: Partial<Transferred> | null = null;
  try {
    for await (const text of lines) {
      number++;
      if (text === "") continue;
      const line = parseLine(text, number, name);
      const at = `${name}, line ${number}`;
      if (number === 1) {
        if (line.businessglance !== "export") throw new StorageError(`${at}: this is no export`);
        if (line.version !== VERSION) {
          throw new StorageError(`${at}: version ${line.version} is not known, only ${VERSION}`);
        }
      } else if (line.end) end = line.end;
      else await take(line, at, writer);
    }
    await writer.flush();
    const { facts, snapshots, events } = writer.total;
    // An older program exported no events.
    const said = end && [end.facts, end.snapshots, end.events ?? 0];
    if (String(said) !== String([facts, snapshots, events])) {
      throw new StorageError(
        `${name} is not whole: it has ${facts} facts, ${snapshots} snapshots and ${events} ` +
          `events, and ${said ? `its end says ${said.join(", ")}` : "no end"}`,
      );
    }
    return writer.total;
  } catch (error) {
    await writer.undo();
    throw error;
  }
}
