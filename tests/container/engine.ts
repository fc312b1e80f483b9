/**
 * A Docker engine of the tests' own: Debian's `dockerd` on a socket in a temporary folder, with its
 * compose and buildx plugins. Where there is none and none may be started, tests are skipped; in CI
 * they fail.
 *
 * @module
 */

/** Runs `docker` against the engine. */
export interface Engine extends AsyncDisposable {
  /** What a command prints. @throws {Error} with what it printed, when it fails. */
  docker(args: readonly string[], input?: Uint8Array<ArrayBuffer>): Promise<string>;
  /** The same, and the exit code in place of an error. */
  tryDocker(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  readonly environment: Readonly<Record<string, string>>;
}

const DOCKER = "/usr/bin/docker";
/** Away from networks that a machine is likely to have. */
const BRIDGE = "172.31.250.1/24";
const POOL = "base=172.31.128.0/18,size=24";
const PLUGINS = "/usr/libexec/docker/cli-plugins";

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Why no engine can be had; `null` where one can. */
export function engineMissing(): string | null {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "an engine is started by root alone";
  const missing = ["/usr/sbin/dockerd", "/usr/bin/mmdebstrap", `${PLUGINS}/docker-compose`]
    .filter((path) => !exists(path));
  return missing.length === 0 ? null : `${missing.join(", ")} is not installed`;
}

async function untilListening(child: Deno.ChildProcess): Promise<void> {
  let seen = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    seen = (seen + text).slice(-20_000);
    // The rest is read on, so that the engine never waits for a reader.
    if (seen.includes("API listen on")) return;
  }
  throw new Error(`The Docker engine did not start:\n${seen.slice(-3000)}`);
}

/** Starts an engine in a folder that is kept between runs, so that images are built once. */
export async function startEngine(folder: string): Promise<Engine> {
  Deno.mkdirSync(folder, { recursive: true });
  const socket = `${folder}/docker.sock`;
  const child = new Deno.Command("/usr/sbin/dockerd", {
    args: [
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/pid`,
      `--host=unix://${socket}`,
      `--bip=${BRIDGE}`,
      `--default-address-pool=${POOL}`,
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await untilListening(child);
  const environment = {
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: `${folder}/config`,
    DOCKER_BUILDKIT: "0",
    NO_COLOR: "1",
  };
  Deno.mkdirSync(`${folder}/config/cli-plugins`, { recursive: true });
  for (const plugin of ["docker-compose"]) {
    const link = `${folder}/config/cli-plugins/${plugin}`;
    if (!exists(link)) Deno.symlinkSync(`${PLUGINS}/${plugin}`, link);
  }

  async function tryDocker(args: readonly string[], input?: Uint8Array<ArrayBuffer>) {
    const running = new Deno.Command(DOCKER, {
      args: [...args],
      env: environment,
      stdin: input ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (input) {
      const writer = running.stdin.getWriter();
      await writer.write(input);
      await writer.close();
    }
    const { code, stdout, stderr } = await running.output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), error: decoder.decode(stderr) };
  }

  return {
    environment,
    tryDocker,
    async docker(args, input) {
      const { code, output, error } = await tryDocker(args, input);
      if (code !== 0) {
        throw new Error(`docker ${args.join(" ")} failed:\n${(output + error).slice(-4000)}`);
      }
      return output.trim();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.stderr.cancel().catch(() => {});
      await child.status;
    },
  };
}
