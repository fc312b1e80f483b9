/**
 * `glance permissions` and `glance diagnose`: the narrowest permissions with which a configuration
 * can be served, and which of them this process has. What is needed is found by loading the
 * configuration and noting what that asks for.
 *
 * @module
 */
import { type ConfigIo, loadConfig } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import { VERSION } from "./version.ts";

export interface Permissions {
  /** `host:port` */
  readonly net: readonly string[];
  readonly env: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
}

export interface Needs {
  readonly permissions: Permissions;
  readonly settings: Settings;
  /** `null` for the built-in page. */
  readonly configPath: string | null;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

function hostPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
}

function netOf({ server, accounts, database }: Settings): string[] {
  const { host, port } = server;
  const listen = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  const named = database && !database.host.startsWith("/")
    ? [`${database.host.includes(":") ? `[${database.host}]` : database.host}:${database.port}`]
    : [];
  return [listen, ...accounts.map(({ base }) => hostPort(new URL(base))), ...named];
}

/** Folders and files besides those of the configuration itself. */
function readOf({ server, theme, databasePath, database }: Settings): string[] {
  const views = decodeURIComponent(new URL("../../views", import.meta.url).pathname);
  return [
    views,
    ...server.assetsPath ? [server.assetsPath] : [],
    ...theme.customCssFile ? [theme.customCssFile] : [],
    ...databasePath ? [folderOf(databasePath)] : [],
    ...database?.tlsRootPath ? [database.tlsRootPath] : [],
    ...database?.host.startsWith("/") ? [database.host] : [],
  ];
}

/** Variables that libraries look at by themselves: a refusal would end the program. */
function envOfLibraries({ database }: Settings, hasFile: boolean): string[] {
  return [
    ...hasFile ? ["LOG_STREAM", "LOG_TOKENS"] : [],
    ...database ? ["PG*", "LOGNAME", "USER", "USERNAME"] : [],
  ];
}

/** What says whether the runtime sends spans. */
const TRACING = "OTEL_DENO";

const unique = (texts: readonly string[]) => [...new Set(texts)].sort();

/** What a configuration needs. @throws {ConfigError} when it has a fault. */
export async function needsOf(io: ConfigIo): Promise<Needs> {
  const names: string[] = [];
  const paths: string[] = [];
  const { settings, files, configPath } = await loadConfig({
    ...io,
    env(name) {
      names.push(name);
      return io.env(name);
    },
    readFile(path) {
      paths.push(path);
      return io.readFile(path);
    },
  });
  return {
    settings,
    configPath,
    permissions: {
      net: unique(netOf(settings)),
      env: unique([...names, TRACING, ...envOfLibraries(settings, configPath !== null)]),
      // Folders of the configuration are watched, as editors replace files.
      read: unique([...paths, ...files.map(folderOf), ...readOf(settings)]),
      write: unique(settings.databasePath ? [folderOf(settings.databasePath)] : []),
    },
  };
}

/** The flags of `deno run`, one an element. @throws {TypeError} for a path with a comma. */
export function permissionFlags({ net, env, read, write }: Permissions): string[] {
  const flags = Object.entries({ net, env, read, write }).flatMap(([name, values]) => {
    const odd = values.find((value) => value.includes(","));
    if (odd !== undefined) {
      throw new TypeError(`No permission can be given for a path with a comma: rename ${odd}`);
    }
    return values.length === 0 ? [] : [`--allow-${name}=${values.join(",")}`];
  });
  return ["--no-prompt", ...flags];
}

type Query = (descriptor: Deno.PermissionDescriptor) => Deno.PermissionState;

function descriptorsOf({ net, env, read, write }: Permissions) {
  return [
    ...net.map((host) => [`net ${host}`, { name: "net", host }] as const),
    ...env.map((variable) => [`env ${variable}`, { name: "env", variable }] as const),
    ...read.map((path) => [`read ${path}`, { name: "read", path }] as const),
    ...write.map((path) => [`write ${path}`, { name: "write", path }] as const),
  ];
}

/** Nothing of this program uses them. */
const NEVER: readonly Deno.PermissionDescriptor[] = [
  { name: "run" },
  { name: "ffi" },
  { name: "sys" },
];
/** All of a kind, where single ones are enough. */
const BROAD: readonly Deno.PermissionDescriptor[] = [
  { name: "net" },
  { name: "env" },
  { name: "read" },
  { name: "write" },
];

/**
 * What this process has, in lines.
 *
 * @throws {TypeError} when something is missing, naming it.
 */
export function diagnose({ permissions, settings, configPath }: Needs, query: Query): string[] {
  const missing = descriptorsOf(permissions).filter(([, descriptor]) =>
    query(descriptor) !== "granted"
  ).map(([text]) => text);
  const granted = (list: readonly Deno.PermissionDescriptor[]) =>
    list.filter((one) => query(one) === "granted").map(({ name }) => name).join(", ");
  const never = granted(NEVER);
  const broad = granted(BROAD);
  const { accounts, databasePath, database, server } = settings;
  const lines = [
    `BusinessGlance ${VERSION} on Deno ${Deno.version.deno}`,
    `Configuration: ${configPath ?? "the built-in page"}, without a fault`,
    `Accounts: ${accounts.map(({ name, mode }) => `${name} (${mode})`).join(", ") || "none"}`,
    `Listens on ${server.host}, port ${server.port}; signing in: ${settings.auth?.mode ?? "none"}`,
    `Database: ${
      databasePath ?? (database ? `PostgreSQL at ${database.host}` : "none, in memory")
    }`,
    ...never ? [`Granted and never used: ${never}`] : [],
    ...broad ? [`Granted as a whole, where glance permissions names less: ${broad}`] : [],
  ];
  if (missing.length > 0) {
    throw new TypeError(
      `${lines.join("\n")}\nMissing permissions: ${missing.join(", ")}. Start with those that ` +
        "glance permissions prints",
    );
  }
  return [...lines, "Permissions: everything that is needed is granted"];
}
