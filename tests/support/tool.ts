/** Programs of other people that a test may need: it is skipped without, and fails in CI. */

/** Where a program is in the `PATH`; `null` where it is not installed. */
export function findTool(name: string): string | null {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  for (const folder of folders) {
    try {
      if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
        throw error;
      }
    }
  }
  return null;
}

/** A test that needs the program `tool` of Debian's package `pack`. */
export function toolTest(
  { tool, pack }: { readonly tool: string; readonly pack: string },
  name: string,
  run: (path: string) => Promise<void>,
): void {
  const path = findTool(tool);
  const missing = `${tool} is not installed (apt-get install ${pack})`;
  const ignore = path === null && !Deno.env.get("CI");
  Deno.test({
    name: ignore ? `${name} (skipped: ${missing})` : name,
    ignore,
    fn: () => path === null ? Promise.reject(new Error(missing)) : run(path),
  });
}

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function runTool(
  path: string,
  args: readonly string[],
  options: Omit<Deno.CommandOptions, "args"> = {},
): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(path, { ...options, args: [...args] })
    .output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
