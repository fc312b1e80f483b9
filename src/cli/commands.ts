/**
 * The command line: one table of commands.
 *
 * @module
 */
import type { Loaded } from "../../config/load.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { explainError } from "./faults.ts";
import type { Readout } from "./read_account.ts";
import { stripeFetch } from "./stripe_fetch.ts";

interface Command {
  readonly about: string;
  run(args: Arguments): void | Promise<void>;
}

async function inputOf(path: string | undefined): Promise<readonly [text: string, name: string]> {
  if (path !== undefined && path !== "-") return [await Deno.readTextFile(path), path];
  return [await new Response(Deno.stdin.readable).text(), "the standard input"];
}

/** The configuration that the words name. @throws {ConfigError} */
async function load(
  config: string | undefined,
  more: { readonly serves?: boolean; readonly skipRates?: boolean } = {},
): Promise<Loaded> {
  const { loadConfig } = await import("../../config/load.ts");
  const { configIo } = await import("./io.ts");
  return await loadConfig({ ...configIo(config), ...more });
}

async function explain(args: Arguments): Promise<void> {
  const { rest, json, customer } = args;
  if (customer !== undefined) {
    const { explainCustomer } = await import("./explain_customer.ts");
    return overAccount(args, ({ view }) => explainCustomer(view, customer));
  }
  const { explainJson, explainWords } = await import("./explain.ts");
  const [text, name] = await inputOf(rest[0]);
  const now = Math.floor(Date.now() / 1000);
  console.log(
    json ? JSON.stringify(explainJson(text, name, now), null, 2) : explainWords(text, name, now),
  );
}

/** Runs over an account that was read to the end of its past. */
async function overAccount(
  { config, account }: Arguments,
  run: (readout: Readout, now: number) => string | Promise<string>,
): Promise<void> {
  const { readAccount } = await import("./read_account.ts");
  const { systemClock } = await import("../resilience/clock.ts");
  const { settings } = await load(config);
  const clock = systemClock();
  const readout = await readAccount({
    settings,
    account,
    clock,
    fetch: stripeFetch,
    say: (line) => console.error(line.trimEnd()),
  });
  try {
    console.log(await run(readout, Math.floor(clock.now() / 1000)));
  } finally {
    await readout.stop();
  }
}

async function compare(args: Arguments): Promise<void> {
  const [path] = args.rest;
  if (path === undefined) throw new TypeError("compare needs a file: see glance help");
  const text = await Deno.readTextFile(path);
  const { compareFile } = await import("./compare/run.ts");
  const { reportJson, reportText } = await import("./compare/report.ts");
  await overAccount(args, async (readout, now) => {
    const report = await compareFile(text, path, readout, now);
    return args.json ? JSON.stringify(reportJson(report), null, 2) : reportText(report);
  });
}

async function makeSecret(): Promise<void> {
  const { makeSecret: make } = await import("./secrets.ts");
  console.log(make());
}

async function sealSecret({ rest, account }: Arguments): Promise<void> {
  const { sealSecret: seal } = await import("./secrets.ts");
  const [input] = await inputOf(undefined);
  const master = Deno.env.get("GLANCE_MASTER_KEY");
  console.log(await seal(input, rest[0], account ?? "default", master));
}

async function rotateSecrets({ config, verify }: Arguments): Promise<void> {
  const { rotateSecrets: rotate } = await import("./rotate.ts");
  const { configIo } = await import("./io.ts");
  const print = (line: string) => console.log(line);
  await rotate({ io: configIo(config), verify, nowMs: Date.now(), print });
}

async function hashPassword(): Promise<void> {
  const { passwordHash } = await import("./secrets.ts");
  const [input] = await inputOf(undefined);
  console.log(await passwordHash(input));
}

type DatabaseCommands = typeof import("./database/commands.ts");

/** A command about the configured database. */
function database(name: keyof DatabaseCommands) {
  return async ({ config, rest, verify }: Arguments): Promise<void> => {
    const commands = await import("./database/commands.ts");
    const { settings } = await load(config);
    const print = (line: string) => console.log(line);
    await commands[name]({ settings, rest, verify, nowMs: Date.now(), print });
  };
}

type AccessCommands = Omit<typeof import("./access.ts"), "recordCommand">;

/** A command about those who look. */
function access(name: keyof AccessCommands) {
  return async ({ config, rest, scope, days }: Arguments): Promise<void> => {
    const commands = await import("./access.ts");
    const { settings } = await load(config);
    const print = (line: string) => console.log(line);
    await commands[name]({ settings, rest, scope, days, nowMs: Date.now(), print });
  };
}

async function importRates({ rest, config }: Arguments): Promise<void> {
  const [file] = rest;
  if (file === undefined) throw new TypeError("rates:import needs a file: see glance help");
  const { RATES_FILE } = await import("../../config/figures.ts");
  const { ratesFiles } = await import("./io.ts");
  const { importRates } = await import("./rates_import.ts");
  const { settings } = await load(config, { skipRates: true });
  const { reporting } = settings.figures;
  const [text, name] = await inputOf(file);
  console.log(await importRates(text, name, reporting?.ratesFile ?? RATES_FILE, ratesFiles));
  if (!reporting) {
    console.log("No reporting currency is configured yet: set figures.reporting-currency");
  }
}

async function validate({ config }: Arguments): Promise<void> {
  const { settings, configPath } = await load(config, { serves: true });
  const accounts = settings.accounts.map(({ name, mode }) => `${name} (${mode})`).join(", ");
  const { length } = settings.pages;
  const pages = `${length} ${length === 1 ? "page" : "pages"}`;
  console.log(
    `${configPath ?? "The built-in configuration"} is valid: ` +
      `${pages}, accounts: ${accounts || "none"}`,
  );
}

async function print({ config }: Arguments): Promise<void> {
  const { printConfig } = await import("../../config/print.ts");
  const { settings } = await load(config);
  console.log(printConfig(settings));
}

async function webhookSetup({ config }: Arguments): Promise<void> {
  const { webhookSetup: setup } = await import("./webhook_setup.ts");
  const { settings } = await load(config);
  console.log(setup(settings));
}

async function permissions({ config, json }: Arguments): Promise<void> {
  const { needsOf, permissionFlags } = await import("./permissions.ts");
  const { configIo } = await import("./io.ts");
  const flags = permissionFlags((await needsOf(configIo(config))).permissions);
  console.log(json ? JSON.stringify(flags) : flags.join(" "));
}

async function diagnose({ config }: Arguments): Promise<void> {
  const { diagnose: run, needsOf } = await import("./permissions.ts");
  const { configIo } = await import("./io.ts");
  const needs = await needsOf(configIo(config));
  for (const line of run(needs, (one) => Deno.permissions.querySync(one).state)) console.log(line);
}

async function reconcile({ config, account, url }: Arguments): Promise<void> {
  const { reconcile: run } = await import("./reconcile.ts");
  const { settings } = await load(config);
  await run({
    settings,
    account,
    url,
    nowMs: Date.now(),
    print: (line) => console.log(line),
  });
}

async function schema(): Promise<void> {
  const { configJsonSchema } = await import("../../config/json_schema.ts");
  console.log(JSON.stringify(configJsonSchema(), null, 2));
}

async function version(): Promise<void> {
  const { VERSION } = await import("./version.ts");
  console.log(`businessglance ${VERSION} (deno ${Deno.version.deno})`);
}

const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries<Command>({
  serve: {
    about: "serve the dashboard of the configured accounts (the default)",
    run: async ({ config }) => (await import("./serve.ts")).serve(config),
  },
  demo: {
    about: "serve a synthetic company: no key, nothing leaves this machine",
    run: async () => (await import("./serve.ts")).demo(),
  },
  explain: {
    about: "value a Stripe subscription: [--json] FILE, or JSON on the standard input; or tell " +
      "--customer cus_…, its whole history",
    run: explain,
  },
  compare: {
    about:
      "compare a CSV of MRR by customer and month, of Stripe's dashboard or another program, " +
      "with our books: [--json] FILE",
    run: compare,
  },
  "rates:import": {
    about: "take the European Central Bank's daily rates from its CSV: FILE, such as " +
      "eurofxref-hist.csv",
    run: importRates,
  },
  "config:validate": { about: "check the configuration and name every fault", run: validate },
  "config:print": { about: "print the resolved configuration, secrets masked", run: print },
  "config:schema": {
    about: "print the JSON Schema of the configuration, for editors",
    run: schema,
  },
  "secret:make": { about: "print a new master key", run: makeSecret },
  "secret:seal": {
    about: "seal the secret on the standard input for --account NAME: [stripe-api-key|" +
      "webhook-secret]",
    run: sealSecret,
  },
  "secret:rotate": {
    about: "seal the secrets of the configuration anew under GLANCE_MASTER_KEY: [--verify] to " +
      "look only",
    run: rotateSecrets,
  },
  "password:hash": { about: "hash the password on the standard input", run: hashPassword },
  "token:create": {
    about: "make a token for programs: NAME --scope read:dashboard|read:metrics [--days 365]",
    run: access("createToken"),
  },
  "token:list": {
    about: "the tokens, what they may read, when they were used",
    run: access("listTokens"),
  },
  "token:revoke": { about: "end a token: NAME", run: access("revokeToken") },
  "session:end": { about: "end all sessions of a user: USER", run: access("endSessions") },
  "db:status": { about: "what the database holds, whether it is whole", run: database("status") },
  "db:backup": {
    about: "copy the database while it is in use: [FILE]",
    run: database("backup"),
  },
  "db:restore": {
    about: "put a backup in place of the database, or only --verify it: FILE",
    run: database("restoreBackup"),
  },
  "db:export": { about: "everything as NDJSON: [FILE]", run: database("exportAll") },
  "db:import": { about: "take an export into a database: FILE", run: database("importAll") },
  "customer:forget": {
    about: "put what is stored of a customer under a tombstone: CUSTOMER",
    run: database("forgetCustomer"),
  },
  "source:forget": {
    about: "let go of what is stored of a source: NAME",
    run: database("forgetSource"),
  },
  "webhook:setup": {
    about: "print what to create at Stripe: the endpoint's URL, version and events",
    run: webhookSetup,
  },
  reconcile: {
    about: "have the running program compare everything with Stripe: [--account NAME] [--url URL]",
    run: reconcile,
  },
  permissions: {
    about: "print the narrowest permissions with which the configuration can be served: [--json]",
    run: permissions,
  },
  diagnose: {
    about: "tell what the configuration comes to, and which permissions are missing or too wide",
    run: diagnose,
  },
  version: { about: "print the version", run: version },
  help: { about: "print this", run: () => console.log(helpText()) },
}));

function helpText(): string {
  const lines = [...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`);
  return [
    "glance [--config FILE] COMMAND",
    "",
    ...lines,
    "",
    "The configuration is --config, else GLANCE_CONFIG, else ./glance.yml, else the built-in page.",
  ].join("\n");
}

/** Runs a command line; returns the exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  try {
    const args = readArguments(argv, COMMANDS);
    await COMMANDS.get(args.command)!.run(args);
    return 0;
  } catch (error) {
    console.error(explainError(error));
    return 1;
  }
}
