/**
 * Variables in values: `${ENV}`, `${secret:name}`, `${readFileFromEnv:VAR}`; `\${…}` is the text
 * itself. They are put in after parsing, so a value never becomes YAML.
 *
 * @module
 */
import { type ConfigIo, trimNewline, whyUnreadable } from "./io.ts";

const VARIABLE = /(\\?)\$\{([^}]*)\}/g;
const FORM = /^(?:(secret|readFileFromEnv):)?([A-Za-z0-9_.-]{1,255})$/;

export type Resolved =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "fault"; readonly message: string };

/** What each variable of the files stands for, by what is between its braces. */
export type Variables = ReadonlyMap<string, Resolved>;

/** The variables in a text, without those that are escaped. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].filter(([, escape]) => escape === "").map((match) =>
    match[2]!
  );
}

function fault(message: string): Resolved {
  return { kind: "fault", message };
}

async function fileText(io: ConfigIo, path: string, what: string): Promise<Resolved> {
  try {
    return { kind: "text", text: trimNewline(await io.readFile(path)) };
  } catch (error) {
    return fault(`${what}, which cannot be read: ${whyUnreadable(error)}`);
  }
}

async function resolve(io: ConfigIo, variable: string): Promise<Resolved> {
  const match = FORM.exec(variable);
  const [, source, name] = match ?? [];
  if (name === undefined || name.includes("..")) {
    return fault(
      "has ${…} in a form that is not known: it is ${NAME}, ${secret:name} or " +
        "${readFileFromEnv:NAME}. Write \\${ for the characters themselves",
    );
  }
  if (source === "secret") {
    const folder = io.secretsFolder ?? "/run/secrets";
    return await fileText(io, `${folder}/${name}`, `uses the secret ${name} of ${folder}`);
  }
  const value = io.env(name);
  if (value === undefined) {
    return fault(
      `uses the variable ${name}, which is not set: set it, or write \\\${ for the text`,
    );
  }
  return source === undefined
    ? { kind: "text", text: value }
    : await fileText(io, value, `uses the file that ${name} names`);
}

/** Looks every variable up, once each. */
export async function resolveVariables(
  io: ConfigIo,
  names: ReadonlySet<string>,
): Promise<Variables> {
  const found = new Map<string, Resolved>();
  for (const name of names) found.set(name, await resolve(io, name));
  return found;
}

/** A number or a switch that a variable alone stands for, as `port: ${PORT}`. */
function typed(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

/**
 * Puts the variables into a value. `plain`: written without quotes, so that a variable alone may
 * be a number. A variable that could not be resolved is passed to `fail` and left as it is.
 */
export function substitute(
  text: string,
  plain: boolean,
  variables: Variables,
  fail: (message: string) => void,
): string | number | boolean {
  let alone = false;
  const result = text.replace(VARIABLE, (whole, escape: string, name: string) => {
    if (escape !== "") return whole.slice(1);
    const value = variables.get(name);
    if (value?.kind !== "text") {
      fail(value?.message ?? "has a variable that is not known");
      return whole;
    }
    alone = whole === text;
    return value.text;
  });
  return plain && alone ? typed(result) : result;
}
