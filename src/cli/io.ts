/** What the configuration reads from: this process's environment and files. */
import type { ConfigIo } from "../../config/load.ts";
import type { RatesFiles } from "./rates_import.ts";

export function configIo(configPath: string | undefined): ConfigIo {
  return {
    env: (name) => Deno.env.get(name),
    readFile: (path) => Deno.readTextFile(path),
    ...(configPath === undefined ? {} : { configPath }),
  };
}

/** The file of rates; it is replaced in one step, as a running server may be reading it. */
export const ratesFiles: RatesFiles = {
  read: (path) => Deno.readTextFile(path),
  async write(path, text) {
    const folder = path.replace(/[^/\\]*$/, "");
    if (folder !== "") await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${path}.new`, text);
    await Deno.rename(`${path}.new`, path);
  },
};
