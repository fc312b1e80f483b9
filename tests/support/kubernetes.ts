/**
 * Manifests of Kubernetes, held to its own description of every object: as literals of the types of
 * `kubernetes-models`, so that a key that is not known is a fault (a cluster drops such keys in
 * silence), then by its validation, which knows quantities and what a text may be.
 *
 * The package is for this alone, and large: a program of its own uses it, with a lock file of its
 * own, so that whoever starts a dashboard does not load it.
 *
 * @module
 */
import { parseAllDocuments } from "yaml";
import { ROOT } from "./program.ts";
import { runTool } from "./tool.ts";

/** An object of a manifest, as it is read: the rest of it is for the types of the package to say. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // deno-lint-ignore no-explicit-any
  readonly [key: string]: any;
}

const PACKAGE = "npm:kubernetes-models@5.1.0";
const OPERATOR = "npm:@kubernetes-models/prometheus-operator@6.0.0";
const LOCK = decodeURIComponent(new URL("tests/support/kubernetes.lock", ROOT).pathname);

/** The objects of a text of YAML. */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((one) => one.toJS());
}

/** A program that compiles and ends well if the object is one of its kind. */
function checkOf(manifest: Manifest, index: number): string {
  const { apiVersion, kind } = manifest;
  const home = apiVersion.startsWith("monitoring.coreos.com/") ? OPERATOR : PACKAGE;
  return `import { ${kind} as Model${index}, type I${kind} as Type${index} } from ` +
    `"${home}/${apiVersion}/${kind}";\n` +
    `const object${index}: Type${index} = ${JSON.stringify(manifest, null, 2)};\n` +
    `new Model${index}(object${index}).validate();\n`;
}

/** What is wrong with the objects, in the words of the compiler or of the validation; else `""`. */
export async function faultsOf(manifests: readonly Manifest[]): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/check.ts`, manifests.map(checkOf).join(""));
    const { code, stderr } = await runTool(Deno.execPath(), [
      ...["run", "--check", "--quiet", "--no-config", `--lock=${LOCK}`, "--frozen"],
      ...["--allow-read", "--allow-env", `${folder}/check.ts`],
    ], { env: { NO_COLOR: "1" } });
    return code === 0 ? "" : stderr || `The check ended with ${code}.`;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
