/**
 * An InfluxDB of the tests, version 1: on free ports, in a folder of its own.
 *
 * @module
 */
import assert from "node:assert/strict";

/** What a query found of one measurement and one set of tags. */
export interface Series {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | string)[])[];
}

export interface InfluxDb extends AsyncDisposable {
  /** Writes lines of the line protocol, times in nanoseconds. */
  write(lines: string): Promise<void>;
  /** What InfluxQL finds; times are Unix seconds. */
  query(text: string): Promise<readonly Series[]>;
}

const DATABASE = "business";

const configOf = (folder: string) => `
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:0"
log-enabled = false
`;

/** The address that it listens at, as it says itself. */
async function addressIn(log: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let seen = "";
  for await (const text of log.pipeThrough(new TextDecoderStream())) {
    seen += text;
    const [, address] = /msg="Listening on HTTP".* addr=(\S+) /.exec(seen) ?? [];
    if (address) return `http://${address}`;
  }
  throw new Error(`InfluxDB did not start:\n${seen.slice(-3000)}`);
}

/** Starts one with an empty database; `path` is `influxd`. */
export async function startInfluxDb(path: string): Promise<InfluxDb> {
  const folder = Deno.makeTempDirSync({ prefix: "influxdb-" });
  Deno.writeTextFileSync(`${folder}/influxdb.conf`, configOf(folder));
  const child = new Deno.Command(path, {
    args: ["run", "-config", `${folder}/influxdb.conf`],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const [heard, log] = child.stderr.tee();
  // Read to its end, so that it never waits for a reader.
  const ended = log.pipeTo(new WritableStream());
  const url = await addressIn(heard);

  async function query(text: string): Promise<readonly Series[]> {
    const response = await fetch(`${url}/query?db=${DATABASE}&epoch=s`, {
      method: "POST",
      body: new URLSearchParams({ q: text }),
    });
    const { results: [result] = [], error = result?.error } = await response.json();
    assert.equal(error, undefined, text);
    return result.series ?? [];
  }

  await query(`CREATE DATABASE ${DATABASE}`);
  return {
    query,
    async write(lines) {
      const response = await fetch(`${url}/write?db=${DATABASE}&precision=ns`, {
        method: "POST",
        body: lines,
      });
      assert.equal(`${response.status} ${await response.text()}`, "204 ");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await ended;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
