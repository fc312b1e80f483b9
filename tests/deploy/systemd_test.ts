/** The unit of systemd: without a fault, shut in, and with the permissions that the program needs. */
import assert from "node:assert/strict";
import { hashPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";
import { ROOT } from "../support/program.ts";
import { runTool, toolTest } from "../support/tool.ts";

const UNIT = Deno.readTextFileSync(new URL("deploy/systemd/businessglance.service", ROOT));
const ANALYZE = { tool: "systemd-analyze", pack: "systemd" };

/** The unit as a file of the right name, run by the runtime of this machine. */
async function unitFile(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "unit-" });
  const path = `${folder}/businessglance.service`;
  await Deno.writeTextFile(path, UNIT.replace("/usr/local/bin/deno", Deno.execPath()));
  return path;
}

const settingsOf = (key: string) =>
  [...UNIT.replaceAll("\\\n", "").matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map((
    [, value],
  ) => value!);

toolTest(
  ANALYZE,
  "the unit has no fault and no key that systemd does not know",
  async (analyze) => {
    // It ends with 0 for an unknown key: what it says is what counts.
    const { code, stderr } = await runTool(analyze, ["verify", "--man=no", await unitFile()], {
      env: { SYSTEMD_LOG_LEVEL: "warning" },
    });
    assert.equal(stderr, "");
    assert.equal(code, 0);
  },
);

toolTest(ANALYZE, "the unit's exposure is below 2.5 of 10", async (analyze) => {
  const { stdout } = await runTool(analyze, ["security", "--offline=true", await unitFile()]);
  const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)!;
  assert.ok(Number(exposure) < 2.5, exposure);
});

Deno.test("systemd starts the program again however often it ended", () => {
  assert.deepEqual(settingsOf("StartLimitIntervalSec"), ["0"]);
  assert.deepEqual(settingsOf("StartLimitBurst"), []);
  assert.deepEqual(settingsOf("Restart"), ["on-failure"]);
});

Deno.test("every credential is handed on as a file, and no secret as a value", () => {
  const loaded = settingsOf("LoadCredential").map((one) => one.split(":")[0]!);
  const variables = settingsOf("Environment").flatMap((one) => one.split(" "));
  assert.deepEqual(
    variables.filter((one) => one.includes("%d/")),
    loaded.map((name) => `${name.toUpperCase()}_FILE=%d/${name}`),
  );
  assert.ok(!variables.some((one) => /^(STRIPE_|METRICS_TOKEN)\w*(?<!_FILE)=/.test(one)));
});

Deno.test("the unit's permissions are all that the program needs with its configuration", async () => {
  const folder = await Deno.makeTempDir({ prefix: "unit-" });
  const root = decodeURIComponent(ROOT.pathname).replace(/\/$/, "");
  const here = (text: string) =>
    text.replaceAll("%d", `${folder}/credentials`).replaceAll("%S", `${folder}/state`)
      .replaceAll("/etc/businessglance", `${root}/deploy/systemd`)
      .replaceAll("/opt/businessglance", root);
  await Deno.mkdir(`${folder}/credentials`);
  await Deno.mkdir(`${folder}/state/businessglance`, { recursive: true });
  const secrets = {
    admin_password_hash: await hashPassword(new Secret("correct horse battery")),
    metrics_token: "a-token-for-the-scrapes-of-this-test",
    stripe_secret_key: "rk_test_000000000000000000000000",
    stripe_webhook_secret: "whsec_0000000000000000000000000000",
  };
  for (const [name, value] of Object.entries(secrets)) {
    await Deno.writeTextFile(`${folder}/credentials/${name}`, `${value}\n`);
  }
  const variables = settingsOf("Environment").flatMap((one) => one.split(" "))
    .filter((one) => !one.startsWith("DENO_DIR=")).map((one) => here(one).split("="));
  const [, ...args] = settingsOf("ExecStart")[0]!.split(/\s+/).map(here);
  assert.equal(args.at(-1), "serve");
  const { code, stdout, stderr } = await runTool(
    Deno.execPath(),
    [...args.slice(0, -1), "diagnose"],
    { cwd: root, env: Object.fromEntries(variables) },
  );
  await Deno.remove(folder, { recursive: true });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /everything that is needed is granted/);
  assert.doesNotMatch(stdout, /granted and never used|as a whole/i);
});
