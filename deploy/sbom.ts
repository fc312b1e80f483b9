/**
 * `deno task sbom`: what the program is made of, as CycloneDX 1.6 JSON, from the lock file and the
 * packages themselves. `--licences` prints a list to read. The same lock gives the same bytes.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

const lock = JSON.parse(Deno.readTextFileSync(new URL("../deno.lock", import.meta.url))) as {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
};

interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Keys of other packages. */
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** What `deno info --json` tells; only what is used here. */
export interface ModuleInfo {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** A package that is locked. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; `null` where the package names none. */
  readonly licence: string | null;
  /** SHA-512 of its archive, hexadecimal. */
  readonly sha512: string;
  /** Whether the program itself uses it; else tests do. */
  readonly isShipped: boolean;
  readonly dependencies: readonly string[];
}

const purlOf = ({ name, version }: Pick<Component, "name" | "version">) =>
  `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** The packages that the program's modules import, with what those depend on. */
function shippedIn({ modules, npmPackages }: ModuleInfo): ReadonlySet<string> {
  const shipped = new Set<string>();
  const waiting = modules.flatMap(({ npmPackage }) => npmPackage ? [npmPackage] : []);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (shipped.has(next)) continue;
    shipped.add(next);
    waiting.push(...npmPackages[next]?.dependencies ?? []);
  }
  return shipped;
}

function sha512Of(key: string): string {
  const { integrity } = lock.npm[key]!;
  const [, text = ""] = /^sha512-(.+)$/.exec(integrity) ?? [];
  return Uint8Array.fromBase64(text).toHex();
}

/** @param licenceOf The licence that the package in a folder names. */
export function componentsOf(
  info: ModuleInfo,
  licenceOf: (folder: string) => string | null,
): Component[] {
  const shipped = shippedIn(info);
  return Object.entries(info.npmPackages).sort(([a], [b]) => a < b ? -1 : 1).map(([key, one]) => ({
    name: one.name,
    version: one.version,
    licence: licenceOf(one.localPath),
    sha512: sha512Of(key),
    isShipped: shipped.has(key),
    dependencies: one.dependencies.flatMap((other) => {
      const found = info.npmPackages[other];
      return found ? [purlOf(found)] : [];
    }).sort(),
  }));
}

/** A CycloneDX document. */
export function cycloneDx(components: readonly Component[]) {
  const { version } = config;
  const own = `pkg:generic/businessglance@${version}`;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": own,
        name: "businessglance",
        version,
        licenses: [{ license: { id: config.license } }],
      },
    },
    components: components.map((one) => ({
      type: "library",
      "bom-ref": purlOf(one),
      name: one.name,
      version: one.version,
      purl: purlOf(one),
      scope: one.isShipped ? "required" : "excluded",
      hashes: [{ alg: "SHA-512", content: one.sha512 }],
      licenses: one.licence === null ? [] : [{ expression: one.licence }],
    })),
    dependencies: [
      { ref: own, dependsOn: components.filter(({ isShipped }) => isShipped).map(purlOf) },
      ...components.map((one) => ({ ref: purlOf(one), dependsOn: one.dependencies })),
    ],
  };
}

/** A line for each package: what, in which version, under which licence, for what. */
export function licenceList(components: readonly Component[]): string {
  return components.map(({ name, version, licence, isShipped }) =>
    `${`${name}@${version}`.padEnd(36)} ${(licence ?? "none named").padEnd(16)} ${
      isShipped ? "program" : "tests"
    }`
  ).join("\n");
}

function licenceIn(folder: string): string | null {
  const { license } = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`)) as {
    license?: unknown;
  };
  return typeof license === "string" ? license : null;
}

/** Asks the runtime which packages the program's modules use. */
export async function moduleInfo(): Promise<ModuleInfo> {
  const main = new URL("../main.ts", import.meta.url);
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", decodeURIComponent(main.pathname)],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new TypeError("The modules could not be listed: run deno install first");
  return JSON.parse(new TextDecoder().decode(stdout)) as ModuleInfo;
}

if (import.meta.main) {
  const components = componentsOf(await moduleInfo(), licenceIn);
  console.log(
    Deno.args.includes("--licences")
      ? licenceList(components)
      : JSON.stringify(cycloneDx(components), null, 2),
  );
}
