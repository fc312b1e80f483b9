/**
 * The advisories that are shipped with a release (`advisories.json`, records in the form of OSV),
 * for where no source of advisories can be reached. The list is as old as its date and holds what
 * was known of our packages then.
 *
 * @module
 */

/** A record of OSV, as far as it is read here (https://ossf.github.io/osv-schema/). */
export interface Advisory {
  readonly id: string;
  readonly summary: string;
  readonly affected: readonly {
    readonly package: { readonly ecosystem: string; readonly name: string };
    readonly versions?: readonly string[];
    readonly ranges?: readonly {
      readonly type: string;
      readonly events: readonly {
        readonly introduced?: string;
        readonly fixed?: string;
        readonly last_affected?: string;
      }[];
    }[];
  }[];
}

export interface Advisories {
  /** The day of what is known, `2026-02-06`. */
  readonly compiled: string;
  readonly vulns: readonly Advisory[];
}

export interface Locked {
  readonly name: string;
  readonly version: string;
}

/** Packages by the keys of `deno.lock`, such as `hono@4.13.19` or `a@1.0.0_b@2.0.0`. */
export function lockedIn(keys: readonly string[]): readonly Locked[] {
  return keys.flatMap((key) => {
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    return name && version ? [{ name, version }] : [];
  });
}

/** Below 0 where `a` is older (Semantic Versioning 2.0.0, section 11, without build metadata). */
export function compareVersions(a: string, b: string): number {
  const [[coreA, preA], [coreB, preB]] = [a, b].map((text) => {
    const [core = "", ...pre] = text.split("+")[0]!.split("-");
    return [core.split(".").map(Number), pre.join("-")] as const;
  }) as [readonly [number[], string], readonly [number[], string]];
  for (let part = 0; part < 3; part++) {
    const difference = (coreA[part] ?? 0) - (coreB[part] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA === preB) return 0;
  if (preA === "" || preB === "") return preA === "" ? 1 : -1;
  return comparePrereleases(preA.split("."), preB.split("."));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let part = 0; part < Math.min(a.length, b.length); part++) {
    const [one, two] = [a[part]!, b[part]!];
    if (one === two) continue;
    const [isNumber, other] = [/^\d+$/.test(one), /^\d+$/.test(two)];
    if (isNumber && other) return Number(one) - Number(two);
    if (isNumber !== other) return isNumber ? -1 : 1;
    return one < two ? -1 : 1;
  }
  return a.length - b.length;
}

function isAffected(version: string, { versions = [], ranges = [] }: Advisory["affected"][number]) {
  if (versions.includes(version)) return true;
  return ranges.some(({ type, events }) => {
    if (type !== "SEMVER") return false;
    let affected = false;
    for (const { introduced, fixed, last_affected: last } of events) {
      if (
        introduced !== undefined &&
        (introduced === "0" || compareVersions(version, introduced) >= 0)
      ) {
        affected = true;
      }
      if (fixed !== undefined && compareVersions(version, fixed) >= 0) affected = false;
      if (last !== undefined && compareVersions(version, last) > 0) affected = false;
    }
    return affected;
  });
}

/** A line for each advisory of a locked package. */
export function knownOf(locked: readonly Locked[], { vulns }: Advisories): readonly string[] {
  return locked.flatMap(({ name, version }) =>
    vulns.filter(({ affected }) =>
      affected.some((one) =>
        one.package.ecosystem === "npm" && one.package.name === name && isAffected(version, one)
      )
    ).map(({ id, summary }) => `${name}@${version}: ${id}, ${summary}`)
  );
}
