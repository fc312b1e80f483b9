/**
 * All families of metrics, as one text.
 *
 * Ours rather than a library: the usual one takes 90 ms to import, as long as everything else
 * together, and the first request is counted before it could be loaded.
 *
 * @module
 */
import { type Family, renderFamily } from "./exposition.ts";

export interface Registry {
  /** Adds a family and gives it back. @throws {TypeError} when the name is taken */
  register<T extends Family>(family: T): T;
  /** The exposition. A family that cannot be read is left out; its name goes to `onError`. */
  text(): Promise<string>;
}

/** An empty registry. `onError` must not throw. */
export function createRegistry(onError: (name: string, error: unknown) => void): Registry {
  const families = new Map<string, Family>();

  async function render(family: Family): Promise<string> {
    try {
      return renderFamily(family, await family.samples());
    } catch (error) {
      onError(family.name, error);
      return "";
    }
  }

  return {
    register(family) {
      if (families.has(family.name)) {
        throw new TypeError(`Cannot register metric as its name is taken: ${family.name}`);
      }
      families.set(family.name, family);
      return family;
    },
    text: async () => (await Promise.all([...families.values()].map(render))).join(""),
  };
}
