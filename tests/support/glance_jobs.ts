/**
 * Commands of the command line, one after the other, each as in a process of its own: given as JSON
 * `[{ args, env }]`. After each, its code and the mark `JOB_END` are printed, the mark on both.
 *
 * @module
 */
import { runCommand } from "../../src/cli/commands.ts";
import type { Job } from "./glance.ts";

export const JOB_END = "\u0000end of the job\u0000";

function print(to: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += to.writeSync(bytes.subarray(done));
}

async function run({ args, env }: Job): Promise<void> {
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  let code = 1;
  try {
    code = await runCommand(args);
  } catch (error) {
    // As the runtime prints what nobody catches.
    console.error("error: Uncaught", error);
  }
  for (const name of Object.keys(env)) Deno.env.delete(name);
  print(Deno.stdout, `\n${code}${JOB_END}`);
  print(Deno.stderr, JOB_END);
}

if (import.meta.main) {
  for (const job of JSON.parse(Deno.args[0]!) as readonly Job[]) await run(job);
}
