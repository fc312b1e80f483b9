/** What the configuration reads from: this process's environment and files. */
import type { ConfigIo } from "../../config/load.ts";

export function configIo(configPath: string | undefined): ConfigIo {
  return {
    env: (name) => Deno.env.get(name),
    readFile: (path) => Deno.readTextFile(path),
    ...(configPath === undefined ? {} : { configPath }),
  };
}
