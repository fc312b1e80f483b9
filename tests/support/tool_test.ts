/** Tests that need a program of the system: skipped where it is missing, failed in CI. */

/** The first of the paths that is there; `null` where none is. */
export function programAt(...paths: readonly string[]): string | null {
  for (const path of paths) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** A test that runs a program. `how` says where it comes from. */
export function toolTest(
  program: string | null,
  how: string,
  name: string,
  run: (program: string) => Promise<void> | void,
): void {
  const ignore = program === null && !Deno.env.get("CI");
  Deno.test({
    name: ignore ? `${name} (skipped: ${how})` : name,
    ignore,
    fn: () => program === null ? Promise.reject(new Error(how)) : run(program),
  });
}

/** Runs a program to its end. */
export async function runTool(program: string, args: readonly string[], cwd?: string) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
