/**
 * Podman with a state of its own, which runs pods from Kubernetes' manifests (`podman play kube`):
 * the nearest to a kubelet that a single machine has. It knows Deployment, Secret, ConfigMap and
 * PersistentVolumeClaim, and leaves out what is for a cluster.
 *
 * @module
 */
import type { Engine } from "./engine.ts";

const PODMAN = "/usr/bin/podman";
const NEEDED = [PODMAN, "/usr/bin/catatonit", "/usr/sbin/runc", "/usr/lib/cni/bridge"];
/** Away from networks that a machine is likely to have, and from the engine's. */
const SUBNET = "172.31.251.0/24";

export interface Podman extends AsyncDisposable {
  /** What a command prints. @throws {Error} with what it printed, when it fails. */
  podman(args: readonly string[], input?: string): Promise<string>;
  /** Takes an image over from a Docker engine. */
  take(engine: Engine, image: string): Promise<void>;
  /** The name of its network, and this machine's address in it. */
  readonly network: string;
  readonly gateway: string;
}

/** Why pods cannot be run here; `null` where they can. */
export function podmanMissing(): string | null {
  const missing = NEEDED.filter((path) => {
    try {
      return !Deno.statSync(path).isFile;
    } catch {
      return true;
    }
  });
  return missing.length === 0 ? null : `${missing.join(", ")} is not installed`;
}

/** Starts with nothing in it; there is no daemon. */
export async function openPodman(): Promise<Podman> {
  const folder = Deno.makeTempDirSync({ prefix: "glance-podman-" });
  const network = "glance";
  // Its own limits are above what a container may have that has no right to raise them.
  Deno.writeTextFileSync(
    `${folder}/containers.conf`,
    `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[network]
network_config_dir = "${folder}/networks"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
static_dir = "${folder}/static"
tmp_dir = "${folder}/tmp"
volume_path = "${folder}/volumes"
`,
  );
  const options = {
    prefix: [`--root=${folder}/storage`, `--runroot=${folder}/run`, "--log-level=fatal"],
    env: { CONTAINERS_CONF: `${folder}/containers.conf` },
  };

  async function podman(args: readonly string[], input = ""): Promise<string> {
    const running = new Deno.Command(PODMAN, {
      args: [...options.prefix, ...args],
      env: options.env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writing = new Blob([input]).stream().pipeTo(running.stdin);
    const [{ code, stdout, stderr }] = await Promise.all([running.output(), writing]);
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout);
    if (code === 0) return output.trim();
    const said = (output + decoder.decode(stderr)).slice(-4000);
    throw new Error(`podman ${args.join(" ")} failed:\n${said}`);
  }

  await podman(["network", "create", `--subnet=${SUBNET}`, network]);
  return {
    podman,
    network,
    gateway: SUBNET.replace(/0\/\d+$/, "1"),
    async take(engine, image) {
      const saving = new Deno.Command("/usr/bin/docker", {
        args: ["save", image],
        env: engine.environment,
        stdout: "piped",
      }).spawn();
      const loading = new Deno.Command(PODMAN, {
        args: [...options.prefix, "load", "--quiet"],
        env: options.env,
        stdin: "piped",
        stdout: "null",
      }).spawn();
      await saving.stdout.pipeTo(loading.stdin);
      const ended = await Promise.all([saving.status, loading.status]);
      if (ended.some(({ success }) => !success)) throw new Error(`${image} was not taken over`);
    },
    async [Symbol.asyncDispose]() {
      await podman(["pod", "rm", "--all", "--force", "--time=1"]);
      await podman(["network", "rm", network]);
      await new Deno.Command("umount", { args: [`${folder}/storage/overlay`] }).output();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
