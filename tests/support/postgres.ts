/**
 * A real PostgreSQL that a test file starts for itself and throws away: Debian's programs, in a
 * temporary folder, on a free port of loopback.
 *
 * @module
 */
import type { PostgresAddress } from "../../src/store/postgres/database.ts";
import { freePort } from "../bench/child.ts";

const PASSWORD = "not-to-be-shown";

export interface Cluster extends AsyncDisposable {
  readonly port: number;
  /** The certificate of its TLS, PEM; empty without. */
  readonly certificate: string;
  /** The address of a new, empty database. */
  create(): Promise<string>;
  /** Runs a statement as a superuser, in the database `postgres`; returns what `psql` prints. */
  run(statement: string): Promise<string>;
  /** Ends the server as a crash does; its data stay. */
  crash(): Promise<void>;
  /** Starts it again after `crash`. */
  start(): Promise<void>;
}

export interface ClusterOptions {
  /** Whether a commit waits for the disk: as in production, and slower. */
  readonly durable?: boolean;
  readonly connectionsMax?: number;
  /** Whether it speaks TLS, with a certificate of its own for the name `localhost`. */
  readonly tls?: boolean;
}

/** The parts of an address that `create` gave. */
export function addressOf(url: string, changes: Partial<PostgresAddress> = {}): PostgresAddress {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: username,
    password: { reveal: () => password },
    tls: "disable",
    ...changes,
  };
}

/** Where Debian puts the newest installed server's programs; `null` without one. */
function programs(): string | null {
  try {
    const versions = [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => name);
    const [newest] = versions.sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? null : `/usr/lib/postgresql/${newest}/bin`;
  } catch {
    return null;
  }
}

/** `initdb` and `postgres` refuse root: then they run as the user of the package. */
function owner(): { uid?: number; gid?: number } {
  if (Deno.uid() !== 0) return {};
  const line = Deno.readTextFileSync("/etc/passwd").split("\n")
    .find((one) => one.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error("PostgreSQL refuses root, and there is no user postgres to run it as");
  }
  return { uid: Number(uid), gid: Number(gid) };
}

const ENV = { LC_ALL: "C", TZ: "UTC" };

async function must(command: string, args: string[], as: { uid?: number; gid?: number } = {}) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: "/",
    env: { ...ENV, PGPASSWORD: PASSWORD },
    ...as,
  }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** A new cluster; `null` where PostgreSQL is not installed. */
export async function startPostgres(
  { durable = false, connectionsMax = 60, tls = false }: ClusterOptions = {},
): Promise<Cluster | null> {
  const bin = programs();
  if (!bin) return null;
  const as = owner();
  const folder = await Deno.makeTempDir({ prefix: "pg" });
  const data = `${folder}/data`;
  const secret = `${folder}/password`;
  await Deno.writeTextFile(secret, PASSWORD);
  if (as.uid !== undefined) {
    for (const path of [folder, secret]) await Deno.chown(path, as.uid, as.gid!);
  }
  await must(`${bin}/initdb`, [
    ...["-D", data, "-U", "glance", "-E", "UTF8", "--locale=C", "--no-sync"],
    ...["--auth=scram-sha-256", `--pwfile=${secret}`],
  ], as);
  if (tls) {
    await must("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost"],
      ...["-keyout", `${data}/server.key`, "-out", `${data}/server.crt`],
    ], as);
  }
  const certificate = tls ? await Deno.readTextFile(`${data}/server.crt`) : "";
  const port = freePort();
  let child: Deno.ChildProcess | null = null;
  let databases = 0;

  async function start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${folder}`,
      `max_connections=${connectionsMax}`,
      `fsync=${durable ? "on" : "off"}`,
      "shared_buffers=32MB",
      `ssl=${tls ? "on" : "off"}`,
    ];
    child = new Deno.Command(`${bin}/postgres`, {
      args: ["-D", data, "-p", String(port), ...settings.flatMap((one) => ["-c", one])],
      cwd: "/",
      env: ENV,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      ...as,
    }).spawn();
    const ready = Promise.withResolvers<void>();
    const said = child.stderr.pipeThrough(new TextDecoderStream());
    (async () => {
      let text = "";
      for await (const part of said) {
        text = (text + part).slice(-4000);
        if (text.includes("ready to accept connections")) ready.resolve();
      }
      ready.reject(new Error(`PostgreSQL ended: ${text}`));
    })();
    await ready.promise;
  }

  async function end(signal: Deno.Signal): Promise<void> {
    const ending = child;
    child = null;
    ending?.kill(signal);
    await ending?.status;
  }

  const run = (statement: string) =>
    must(`${bin}/psql`, [
      ...["-h", folder, "-p", String(port), "-U", "glance", "-d", "postgres"],
      ...["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement],
    ]);

  await start();
  return {
    port,
    certificate,
    run,
    start,
    async create() {
      const name = `test_${++databases}`;
      await run(`CREATE DATABASE ${name} STRATEGY file_copy`);
      return `postgres://glance:${PASSWORD}@127.0.0.1:${port}/${name}`;
    },
    crash: () => end("SIGQUIT"),
    async [Symbol.asyncDispose]() {
      await end("SIGQUIT");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/**
 * A cluster for a test file, started when it is loaded and thrown away after its last test. Where
 * PostgreSQL is not installed, `null`: `postgresTest` says so, and fails in CI.
 */
export async function clusterForFile(options: ClusterOptions = {}): Promise<Cluster | null> {
  const cluster = await startPostgres(options);
  if (cluster) Deno.test.afterAll(async () => await cluster[Symbol.asyncDispose]());
  return cluster;
}

/** A test that needs a real PostgreSQL. */
export function postgresTest(
  cluster: Cluster | null,
  name: string,
  run: (cluster: Cluster) => Promise<void>,
): void {
  const missing = "PostgreSQL is not installed (apt-get install postgresql)";
  const ignore = cluster === null && !Deno.env.get("CI");
  Deno.test({
    name: ignore ? `${name} (skipped: ${missing})` : name,
    ignore,
    fn: () => cluster ? run(cluster) : Promise.reject(new Error(missing)),
  });
}
