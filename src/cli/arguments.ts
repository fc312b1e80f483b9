/**
 * The words of a command line.
 *
 * @module
 */
import { didYouMean } from "../../config/nearest.ts";
import { redactText } from "../observability/redact.ts";

export interface Arguments {
  readonly command: string;
  /** What follows the command, without options. */
  readonly rest: readonly string[];
  readonly config: string | undefined;
  readonly json: boolean;
  /** Only to look whether it could be done. */
  readonly verify: boolean;
  /** The account that a command is about, where there are several. */
  readonly account: string | undefined;
  readonly customer: string | undefined;
  /** Where the running program is. */
  readonly url: string | undefined;
  readonly scope: string | undefined;
  readonly days: string | undefined;
}

/** Options that take a value: `--config FILE` or `--config=FILE`. */
const VALUED: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  config: "the path of a file",
  account: "the key of an account under accounts:",
  customer: "a customer's id",
  url: "the address of the running program",
  scope: "what a token may read: read:dashboard, read:metrics, or both with a comma",
  days: "for how many days a token holds",
}));

/**
 * @param commands By their names; `serve` is the one without a word.
 * @throws {TypeError} for an unknown command or option.
 */
export function readArguments(
  argv: readonly string[],
  commands: ReadonlyMap<string, unknown>,
): Arguments {
  const rest: string[] = [];
  const values = new Map<string, string>();
  let json = false;
  let verify = false;
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    const [, name = "", inline] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === "--json") json = true;
    else if (word === "--verify") verify = true;
    else if (word === "--help" || word === "-h") rest.unshift("help");
    else if (VALUED.has(name)) {
      const value = inline ?? argv[++index];
      if (value === undefined) throw new TypeError(`--${name} needs ${VALUED.get(name)}`);
      values.set(name, value);
    } else if (word.startsWith("--")) {
      const meant = didYouMean(name, [...VALUED.keys(), "json", "verify", "help"]);
      throw new TypeError(`Unknown option ${redactText(word)}: see glance help${meant}`);
    } else rest.push(word);
  }
  const [command = "serve", ...others] = rest;
  if (!commands.has(command)) {
    throw new TypeError(
      `Unknown command ${redactText(command)}: known are ${[...commands.keys()].join(", ")}` +
        didYouMean(command, [...commands.keys()]),
    );
  }
  const { config, account, customer, url, scope, days } = Object.fromEntries(values);
  return { command, rest: others, json, verify, config, account, customer, url, scope, days };
}
