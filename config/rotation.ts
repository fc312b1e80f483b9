/**
 * Sealing a configuration's secrets anew under the present master key: which texts of which files
 * are replaced by which. Every other byte stays, as an envelope is found by its own text: nothing
 * else can be it.
 *
 * @module
 */
import { createVault, type Vault } from "../src/security/envelope.ts";
import { readEnvironment } from "./environment.ts";
import { readConfig } from "./file_config.ts";
import type { ConfigIo } from "./io.ts";
import { findPath } from "./load.ts";
import { ConfigError, type Problem } from "./problems.ts";
import { keyText, type Path, type Report } from "./report.ts";
import type { FileConfig } from "./schema.ts";
import { isSealed, type Purpose } from "./sealed.ts";

/** A file that changes, and its text before and after. */
export interface RotatedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface Rotation {
  /** Files that change. */
  readonly files: readonly RotatedFile[];
  /** Keys whose secret is sealed anew. */
  readonly resealed: readonly string[];
  /** Keys that are sealed under the present master key already. */
  readonly current: readonly string[];
  /** Keys whose secret is sealed and stands in no file: in a variable, or a file of its own. */
  readonly elsewhere: readonly string[];
}

interface Place {
  readonly envelope: string;
  readonly purpose: Purpose;
  readonly source: string;
  readonly path: Path;
}

function placesIn({ accounts = {} }: FileConfig): Place[] {
  return Object.entries(accounts).flatMap(([source, account]) => {
    const key = account["stripe-api-key"];
    const places: Place[] = (account["webhook-secrets"] ?? []).map((envelope, index) => ({
      envelope,
      purpose: "webhook-secret",
      source,
      path: ["accounts", source, "webhook-secrets", index],
    }));
    if (key === undefined) return places;
    const path: Path = ["accounts", source, "stripe-api-key"];
    return [{ envelope: key, purpose: "stripe-api-key" as const, source, path }, ...places];
  }).filter(({ envelope }) => isSealed(envelope));
}

/** Seals anew; `null`, and a fault is told, where a secret cannot be opened. */
async function reseal(
  vault: Vault,
  { envelope, purpose, source, path }: Place,
  report: Report,
): Promise<string | null> {
  try {
    const place = { purpose, source };
    return await vault.seal(await vault.open(envelope, place), place);
  } catch (error) {
    report(path, `cannot be used. ${(error as TypeError).message}`);
    return null;
  }
}

/** @throws {ConfigError} when there is no file, no master key, or a secret cannot be opened. */
export async function planRotation(io: ConfigIo): Promise<Rotation> {
  const problems: Problem[] = [];
  const environment = await readEnvironment(io, problems);
  const path = await findPath(io, environment);
  if (path === null) throw new TypeError("There is no configuration file to rotate secrets in");
  const { config, files, report } = await readConfig(io, path, problems);
  const { masterKey, masterKeyPrevious } = environment;
  if (!masterKey) {
    throw new TypeError(
      "Set GLANCE_MASTER_KEY to the new master key and GLANCE_MASTER_KEY_PREVIOUS to the one " +
        "before; make one with: glance secret:make",
    );
  }
  if (problems.length > 0) throw new ConfigError(problems, files);
  const vault = createVault(masterKey, masterKeyPrevious);
  const original = new Map<string, string>();
  for (const file of files) original.set(file, await io.readFile(file));
  const texts = new Map(original);
  const rotation = { resealed: [] as string[], current: [] as string[], elsewhere: [] as string[] };
  const own = environment.stripeKey?.reveal();
  if (own !== undefined && isSealed(own) && !await isCurrent(vault, own)) {
    rotation.elsewhere.push("STRIPE_SECRET_KEY");
  }
  for (const place of placesIn(config)) {
    const key = keyText(place.path)!;
    const holders = [...texts].filter(([, text]) => text.includes(place.envelope));
    if (await isCurrent(vault, place.envelope)) rotation.current.push(key);
    else if (holders.length === 0) rotation.elsewhere.push(key);
    else {
      const sealed = await reseal(vault, place, report);
      if (sealed === null) continue;
      for (const [file, text] of holders) {
        texts.set(file, text.replaceAll(place.envelope, () => sealed));
      }
      rotation.resealed.push(key);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems, files);
  const changed = [...texts].flatMap(([path, after]) => {
    const before = original.get(path)!;
    return after === before ? [] : [{ path, before, after }];
  });
  return { ...rotation, files: changed };
}

/** What cannot be read is no current envelope: opening it says why. */
async function isCurrent(vault: Vault, envelope: string): Promise<boolean> {
  try {
    return await vault.isCurrent(envelope);
  } catch {
    return false;
  }
}
