/**
 * Leaves in the manifest and the lock file what the program uses, as Deno fills an image with every
 * package that is locked, those of the tests too. Versions and digests stay the lock file's.
 *
 * @module
 */

interface Manifest {
  readonly imports: Readonly<Record<string, string>>;
}

interface Locked {
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, Locked>>;
}

/** The packages that a module imports for their effect, in its order. */
export function packagesIn(source: string): string[] {
  return [...source.matchAll(/^import "((?:@[^/"]+\/)?[^/"]+)/gm)].map(([, name]) => name!);
}

/** The key of a dependency, which names a version only where several are locked. */
function keyOf(dependency: string, { npm }: Lock): string {
  if (npm[dependency]) return dependency;
  const found = Object.keys(npm).filter((key) => key.startsWith(`${dependency}@`));
  if (found.length !== 1) throw new TypeError(`The lock file has no single ${dependency}`);
  return found[0]!;
}

function pick<T>(from: Readonly<Record<string, T>>, keys: Iterable<string>): Record<string, T> {
  return Object.fromEntries([...keys].sort().map((key) => [key, from[key]!]));
}

/**
 * A manifest and a lock of some packages and what those depend on.
 *
 * @throws {TypeError} for a package that is not imported or not locked.
 */
export function shippedOnly<M extends Manifest, L extends Lock>(
  manifest: M,
  lock: L,
  names: readonly string[],
) {
  const specifiers = names.map((name) => {
    const specifier = manifest.imports[name];
    if (!specifier || !lock.specifiers[specifier]) throw new TypeError(`${name} is not locked`);
    return specifier;
  });
  const kept = new Set<string>();
  const waiting = specifiers.map((specifier) =>
    `${specifier.slice("npm:".length).replace(/(?<=.)@.*/, "")}@${lock.specifiers[specifier]}`
  );
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (kept.has(key)) continue;
    kept.add(key);
    const { dependencies = [], optionalDependencies = [] } = lock.npm[key]!;
    waiting.push(...[...dependencies, ...optionalDependencies].map((one) => keyOf(one, lock)));
  }
  return {
    manifest: { ...manifest, imports: pick(manifest.imports, names) },
    lock: {
      ...lock,
      specifiers: pick(lock.specifiers, specifiers),
      npm: pick(lock.npm, kept),
      workspace: { dependencies: specifiers.toSorted() },
    },
  };
}

if (import.meta.main) {
  const names = packagesIn(Deno.readTextFileSync("deploy/dependencies.ts"));
  const read = (path: string) => JSON.parse(Deno.readTextFileSync(path));
  const { manifest, lock } = shippedOnly(read("deno.json"), read("deno.lock"), names);
  for (const [path, content] of Object.entries({ "deno.json": manifest, "deno.lock": lock })) {
    Deno.writeTextFileSync(path, JSON.stringify(content, null, 2) + "\n");
  }
}
