/**
 * The commands that a page shows: those that the reader used to start the program.
 *
 * @module
 */

/** How tasks are run: "deno task", or "npx --yes deno@2.9.6 task" for those without Deno. */
export type TaskRunner = string;

export const DENO_TASK: TaskRunner = "deno task";

/**
 * The runner that started this process. npm names its command in the environment of what it runs.
 *
 * @param version Deno's own, "2.9.6".
 */
export function taskRunner(
  env: (name: string) => string | undefined,
  version: string,
): TaskRunner {
  const byNpx = env("npm_command") === "exec" || env("npm_lifecycle_event") === "npx";
  return byNpx ? `npx --yes deno@${version} task` : DENO_TASK;
}
