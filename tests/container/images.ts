/**
 * Stand-ins for the images that Dockerfile and compose files name, made of Debian's packages and of
 * this runtime: the files are then built and run as they are, with no registry. Each has the names,
 * users, paths and variables that the files rely on, and no more.
 *
 * @module
 */
import type { Engine } from "./engine.ts";

const PACKAGES = [
  "ca-certificates",
  "dbus",
  "libgcc-s1",
  "nginx-light",
  "postgresql",
  "prometheus",
  "prometheus-alertmanager",
  "systemd-sysv",
  "tini",
];

/** One root file system holds what all of them need; another set of packages is another one. */
export const BASE = `standin-debian:${PACKAGES.join("_")}`;

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (success) return;
  throw new Error(`${command} failed:\n${new TextDecoder().decode(stderr).slice(-3000)}`);
}

async function makeBase(engine: Engine, folder: string): Promise<void> {
  const archive = `${folder}/base.tar`;
  await run("mmdebstrap", [
    "--variant=minbase",
    `--include=${PACKAGES.join(",")}`,
    "--dpkgopt=path-exclude=/usr/share/{doc,man,locale}/*",
    "bookworm",
    archive,
  ]);
  await engine.docker(["import", archive, BASE]);
  Deno.removeSync(archive);
}

/** Makes an image of a Dockerfile's lines and the files beside it. */
export async function build(
  engine: Engine,
  folder: string,
  tag: string,
  lines: readonly string[],
  files: Readonly<Record<string, string | { readonly copy: string }>> = {},
): Promise<void> {
  const context = Deno.makeTempDirSync({ dir: folder });
  Deno.writeTextFileSync(`${context}/Dockerfile`, lines.join("\n"));
  for (const [name, file] of Object.entries(files)) {
    const path = `${context}/${name}`;
    if (typeof file === "string") Deno.writeTextFileSync(path, file);
    else Deno.copyFileSync(file.copy, path);
    Deno.chmodSync(path, 0o755);
  }
  await engine.docker(["build", "--quiet", "--tag", tag, context]);
  Deno.removeSync(context, { recursive: true });
}

/** Certificates that this machine trusts, to fetch packages with. */
export const HOST_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const POSTGRES_ENTRY = `#!/bin/sh
set -e
bin=$(echo /usr/lib/postgresql/*/bin)
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  cat "$POSTGRES_PASSWORD_FILE" > /tmp/password
  "$bin/initdb" --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 \\
    --encoding=UTF8 --locale=C.UTF-8 "$PGDATA" > /dev/null
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE \\"$POSTGRES_DB\\";" |
    "$bin/postgres" --single -D "$PGDATA" postgres > /dev/null
fi
exec "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
`;

export interface Tags {
  readonly deno: string;
  readonly postgres: string;
  readonly nginx: string;
  readonly prometheus: string;
  readonly alertmanager: string;
}

async function makeDeno(engine: Engine, folder: string, version: string): Promise<void> {
  const files = {
    deno: { copy: Deno.execPath() },
    "ca.crt": { copy: HOST_CERTIFICATES },
  };
  await build(engine, folder, `denoland/deno:${version}`, [
    `FROM ${BASE}`,
    "COPY deno /usr/bin/deno",
    "COPY ca.crt /etc/ssl/certs/ca-certificates.crt",
    "ENV DENO_TLS_CA_STORE=system,mozilla",
    "RUN useradd --uid 1993 --user-group deno && mkdir /deno-dir && chown deno:deno /deno-dir",
    'ENTRYPOINT ["tini", "--", "deno"]',
  ], files);
  // Without a shell, as the real one: the libraries that the runtime names, and tini.
  await build(engine, folder, `denoland/deno:distroless-${version}`, [
    `FROM ${BASE} AS libraries`,
    "COPY deno /opt/deno",
    "RUN mkdir -p /out/tmp /out/bin /out/etc/ssl/certs && chmod 1777 /out/tmp && " +
    "cp /opt/deno /out/bin/deno && cp /usr/bin/tini-static /out/tini && " +
    "cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ && " +
    "cp /etc/nsswitch.conf /out/etc/ && " +
    "ldd /opt/deno | grep -o '/lib[^ ]*' | xargs -I{} cp --parents -L {} /out && " +
    "cp --parents -L /lib/*-linux-gnu/libnss_dns.so.2 /lib/*-linux-gnu/libnss_files.so.2 " +
    "/lib/*-linux-gnu/libresolv.so.2 /out",
    "FROM scratch",
    "COPY --from=libraries /out /",
    "ENV DENO_DIR=/deno-dir",
    'ENTRYPOINT ["/tini", "--", "/bin/deno"]',
  ], files);
}

/** Makes every stand-in that is not there yet. */
export async function makeStandIns(engine: Engine, folder: string, tags: Tags): Promise<void> {
  const known = await engine.docker(["images", "--format", "{{.Repository}}:{{.Tag}}"]);
  const lacks = (tag: string) => !known.split("\n").includes(tag);
  if (lacks(BASE)) await makeBase(engine, folder);
  if (lacks(`denoland/deno:distroless-${tags.deno}`)) await makeDeno(engine, folder, tags.deno);
  if (lacks(tags.postgres)) {
    await build(engine, folder, tags.postgres, [
      `FROM ${BASE}`,
      "COPY entry /entry",
      "RUN mkdir -p /var/lib/postgresql/data && chown -R postgres /var/lib/postgresql/data",
      "ENV PGDATA=/var/lib/postgresql/data",
      "USER postgres",
      "STOPSIGNAL SIGINT",
      'ENTRYPOINT ["/entry"]',
    ], { entry: POSTGRES_ENTRY });
  }
  if (lacks(tags.nginx)) {
    await build(engine, folder, tags.nginx, [
      `FROM ${BASE}`,
      "RUN rm -f /etc/nginx/sites-enabled/default && chown root /var/log/nginx && " +
      "ln -sf /dev/stderr /var/log/nginx/error.log && ln -sf /dev/stdout /var/log/nginx/access.log",
      "STOPSIGNAL SIGQUIT",
      'CMD ["nginx", "-g", "daemon off;"]',
    ]);
  }
  for (const name of ["prometheus", "alertmanager"] as const) {
    if (!lacks(tags[name])) continue;
    const program = name === "prometheus" ? name : "prometheus-alertmanager";
    await build(engine, folder, tags[name], [
      `FROM ${BASE}`,
      `RUN mkdir -p /${name} && chown nobody /${name}`,
      `WORKDIR /${name}`,
      "USER nobody",
      `ENTRYPOINT ["/usr/bin/${program}"]`,
    ]);
  }
}
