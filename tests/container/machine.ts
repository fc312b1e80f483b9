/**
 * A machine of the tests' own that systemd runs: a container with systemd as process 1, its own
 * cgroups, and the project's folder to install from.
 *
 * @module
 */
import { eventually } from "../support/program.ts";
import type { Engine } from "./engine.ts";
import { BASE, build, HOST_CERTIFICATES } from "./images.ts";
import { FOLDER, ROOT } from "./suite.ts";
import { HOST_NAME } from "./world.ts";

const IMAGE = "standin-systemd";

/**
 * The engine mounts the container's own cgroups read-only, and systemd writes to them. What it mounts
 * for a service, such as credentials, it expects to appear in all namespaces.
 */
const INIT = `#!/bin/sh
awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/self/mounts |
  while read -r at; do mount -o remount,bind,rw "$at"; done
mount --make-rshared /
exec /sbin/init
`;

/** What would change the machine around the container, or fetch something meanwhile. */
const MASKED = [
  "apt-daily-upgrade.timer",
  "apt-daily.timer",
  "systemd-logind.service",
  "systemd-modules-load.service",
  "systemd-sysctl.service",
];

/** Services that Debian's packages start, for other tests. */
const DISABLED = ["nginx", "postgresql", "prometheus", "prometheus-alertmanager"];

function makeImage(engine: Engine, folder: string): Promise<void> {
  return build(engine, folder, IMAGE, [
    `FROM ${BASE}`,
    "COPY start /start",
    `RUN systemctl mask ${MASKED.join(" ")} && systemctl disable ${DISABLED.join(" ")}`,
    "ENV container=docker",
    'ENTRYPOINT ["/start"]',
  ], { start: INIT });
}

/** Rights of a machine, but for raised limits: a runner may lack that one itself. */
const RIGHTS = [
  "--cap-add=ALL",
  "--cap-drop=SYS_RESOURCE",
  "--security-opt=seccomp=unconfined",
  "--security-opt=apparmor=unconfined",
  "--cgroupns=private",
];

export interface Machine extends AsyncDisposable {
  /** What a shell prints. @throws {Error} with what it printed, when a command fails. */
  sh(script: string): Promise<string>;
  /** The same, and the exit code in place of an error. */
  trySh(script: string): Promise<{ readonly code: number; readonly output: string }>;
}

/** Starts the machine, with this runtime in the place that the unit names. */
export async function startMachine(engine: Engine): Promise<Machine> {
  await makeImage(engine, FOLDER);
  const id = await engine.docker([
    ...["run", "--detach", "--rm", ...RIGHTS],
    ...["--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec"],
    `--add-host=${HOST_NAME}:host-gateway`,
    `--volume=${ROOT}:/src:ro`,
    `--volume=${Deno.execPath()}:/usr/local/bin/deno:ro`,
    `--volume=${HOST_CERTIFICATES}:/etc/ssl/certs/ca-certificates.crt:ro`,
    IMAGE,
  ]);
  const trySh = (script: string) =>
    engine.tryDocker(["exec", "--workdir=/src", id, "/bin/sh", "-euc", script]);
  // Nobody answers before systemd listens. A service of the machine's own that failed: "degraded".
  await eventually(
    () => trySh("systemctl is-system-running --wait"),
    ({ output }) => output.trim() === "running",
  );
  return {
    trySh,
    sh: (script) => engine.docker(["exec", "--workdir=/src", id, "/bin/sh", "-euc", script]),
    async [Symbol.asyncDispose]() {
      await engine.docker(["rm", "--force", id]);
    },
  };
}
