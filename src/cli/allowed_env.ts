/**
 * Reads a variable that the program can do without, where it may: a run with a narrow list of
 * permissions does not name it.
 */
export function allowedEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
