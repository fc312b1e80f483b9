/**
 * A Prometheus of the tests: the project's own scrape configuration and rules, over servers of
 * this machine and in seconds where it says minutes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { freePort } from "../bench/child.ts";
import { ROOT } from "./program.ts";

/** What a query found: labels, and a time with a value. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Prometheus extends AsyncDisposable {
  /** The answer now. @throws {TypeError} while it does not listen */
  query(expr: string): Promise<readonly Found[]>;
}

const folderOfRules = new URL("deploy/prometheus/", ROOT);
const read = (name: string) => Deno.readTextFileSync(new URL(name, folderOfRules));

/** What is recorded (`record`), and what rings (`alert`). */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The project's rules. */
export function readRules(): readonly Rule[] {
  const { groups }: { groups: { rules: Rule[] }[] } = parse(read("rules.yml"));
  return groups.flatMap(({ rules }) => rules);
}

/** `prometheus.yml` as it stands, but for where servers, token and rules are. */
function configOf(targets: readonly string[], tokenFile: string): string {
  const config = parse(read("prometheus.yml"));
  config.global = {
    scrape_interval: "500ms",
    scrape_timeout: "500ms",
    evaluation_interval: "500ms",
  };
  delete config.alerting;
  for (const scrape of config.scrape_configs) {
    scrape.authorization.credentials_file = tokenFile;
    delete scrape.dns_sd_configs;
    scrape.static_configs = [{ targets }];
  }
  return stringify(config);
}

/** Starts one. `targets` as host and port; `token` is what it bears. */
export function startPrometheus(
  path: string,
  targets: readonly string[],
  token: string,
): Prometheus {
  const folder = Deno.makeTempDirSync({ prefix: "prometheus-" });
  const port = freePort();
  Deno.writeTextFileSync(`${folder}/token`, token);
  Deno.writeTextFileSync(`${folder}/rules.yml`, read("rules.yml"));
  Deno.writeTextFileSync(`${folder}/prometheus.yml`, configOf(targets, `${folder}/token`));
  const child = new Deno.Command(path, {
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async query(expr) {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`;
      const { status, data, error } = await (await fetch(url)).json();
      assert.equal(status, "success", `${expr}: ${error}`);
      return data.result;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
