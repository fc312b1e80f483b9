import assert from "node:assert/strict";
import { sealSecret } from "../../src/cli/secrets.ts";
import { ConfigError, loadConfig } from "../../config/load.ts";

const MASTER = "correct horse battery staple 0123456789";

function load(env: Record<string, string>, text?: string) {
  return loadConfig({
    env: (name) => env[name],
    readFile: (path) =>
      text !== undefined && path === "glance.yml"
        ? Promise.resolve(text)
        : Promise.reject(new Deno.errors.NotFound(path)),
  });
}

async function faultsOf(env: Record<string, string>, text: string): Promise<readonly string[]> {
  try {
    await load(env, text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.ok(!error.message.includes("rk_test_1"));
    return error.problems.map(({ key, line, message }) => `${line} ${key} ${message}`);
  }
}

Deno.test("sealed secrets of an account and of the environment are opened under the master key", async () => {
  const key = await sealSecret("rk_test_1\n", undefined, "main", MASTER);
  const hook = await sealSecret("whsec_1\n", "webhook-secret", "main", MASTER);
  const text = `accounts:\n  main:\n    stripe-api-key: ${key}\n    webhook-secrets: [${hook}]\n`;
  const { settings } = await load({ GLANCE_MASTER_KEY: MASTER }, text);
  assert.equal(settings.accounts[0]!.key.reveal(), "rk_test_1");
  assert.deepEqual(settings.accounts[0]!.webhookSecrets?.map((one) => one.reveal()), ["whsec_1"]);
  const own = await sealSecret("rk_test_1", undefined, "default", MASTER);
  const plain = await load({ GLANCE_MASTER_KEY: MASTER, STRIPE_SECRET_KEY: own });
  assert.equal(plain.settings.accounts[0]!.key.reveal(), "rk_test_1");
});

Deno.test("a sealed secret that cannot be opened is told with its line and what to do", async () => {
  const key = await sealSecret("rk_test_1", undefined, "main", MASTER);
  const text = `accounts:\n  other:\n    stripe-api-key: ${key}\n`;
  const [without] = await faultsOf({}, text);
  assert.match(without!, /^3 accounts\.other\.stripe-api-key is encrypted: set GLANCE_MASTER_KEY/);
  const [elsewhere] = await faultsOf({ GLANCE_MASTER_KEY: MASTER }, text);
  assert.match(
    elsewhere!,
    /cannot be opened as stripe-api-key of other: it was changed, or sealed/,
  );
  const [weak] = await faultsOf({ GLANCE_MASTER_KEY: "weak" }, text);
  assert.match(weak!, /GLANCE_MASTER_KEY is too weak/);
});

Deno.test("sealing says what is missing", async () => {
  await assert.rejects(sealSecret("x", undefined, "main", undefined), /glance secret:make/);
  await assert.rejects(sealSecret("\n", undefined, "main", MASTER), /on the standard input/);
  await assert.rejects(
    sealSecret("x", "other", "main", MASTER),
    /stripe-api-key or webhook-secret/,
  );
});
