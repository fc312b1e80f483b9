/** `glance secret:rotate`: secrets sealed anew in their place, whole or not at all. */
import assert from "node:assert/strict";
import { loadConfig } from "../../config/load.ts";
import { recordCommand } from "../../src/cli/access.ts";
import { configuredAuditLine } from "../../src/cli/audit_chain.ts";
import { rotateSecrets } from "../../src/cli/rotate.ts";
import { sealSecret } from "../../src/cli/secrets.ts";

const OLD = "the master key before, of 32 letters or more";
const NEW = "the master key of now, of 32 letters or more";

interface World {
  readonly folder: string;
  readonly env: Record<string, string>;
}

function inFolder(): World & Disposable {
  const folder = Deno.makeTempDirSync();
  return {
    folder,
    env: { GLANCE_MASTER_KEY: NEW, GLANCE_MASTER_KEY_PREVIOUS: OLD },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

const ioOf = ({ folder, env }: World) => ({
  env: (name: string) => env[name],
  readFile: (path: string) => Deno.readTextFile(path),
  configPath: `${folder}/glance.yml`,
});

async function rotate(world: World, verify = false): Promise<string[]> {
  const lines: string[] = [];
  await rotateSecrets({
    io: ioOf(world),
    verify,
    nowMs: Date.now(),
    print: (line) => void lines.push(line),
  });
  return lines;
}

/** Keys and webhook secrets as they are opened with a master key. */
async function opened(world: World, master: string): Promise<readonly string[]> {
  const env = { GLANCE_MASTER_KEY: master };
  const { settings } = await loadConfig(ioOf({ ...world, env }));
  return settings.accounts.flatMap(({ key, webhookSecrets = [] }) =>
    [key, ...webhookSecrets].map((secret) => secret.reveal())
  );
}

const seal = (text: string, source: string, purpose?: string) =>
  sealSecret(text, purpose, source, OLD);

const ENVELOPE = /encrypted:v2\.[\w.~-]+/g;

Deno.test("only the envelopes change: comments, quotes, spaces, line ends and rights stay", async () => {
  using world = inFolder();
  const { folder } = world;
  const text = [
    "# Ours;  with  odd   spaces\r",
    "accounts: {}   # filled in below",
    "",
  ].join("\n").replace("accounts: {}", "$include: accounts.yml");
  const accounts = [
    "accounts:\t# a tab",
    `    eu:    { stripe-api-key:   '${await seal("rk_test_eu", "eu")}' }`,
    "    us:",
    `        stripe-api-key: "${await seal("rk_test_us", "us")}"   # ours`,
    "        webhook-secrets:",
    `        - ${await seal("whsec_1", "us", "webhook-secret")}`,
    "        -   whsec_plain",
    "        time-zone: Europe/Berlin",
    "# the end, without a line end: ü",
  ].join("\n");
  Deno.writeTextFileSync(`${folder}/glance.yml`, text);
  Deno.writeTextFileSync(`${folder}/accounts.yml`, accounts);
  Deno.chmodSync(`${folder}/accounts.yml`, 0o640);
  assert.deepEqual(await rotate(world), [
    "accounts.eu.stripe-api-key is sealed anew",
    "accounts.us.stripe-api-key is sealed anew",
    "accounts.us.webhook-secrets[0] is sealed anew",
    "GLANCE_MASTER_KEY_PREVIOUS is not needed any more",
  ]);
  assert.equal(Deno.readTextFileSync(`${folder}/glance.yml`), text);
  const after = Deno.readTextFileSync(`${folder}/accounts.yml`);
  assert.equal(after.replace(ENVELOPE, "…"), accounts.replace(ENVELOPE, "…"));
  const before = new Set(accounts.match(ENVELOPE));
  for (const envelope of after.match(ENVELOPE)!) assert.ok(!before.has(envelope));
  assert.equal(Deno.statSync(`${folder}/accounts.yml`).mode! & 0o777, 0o640);
  assert.deepEqual(await opened(world, NEW), [
    "rk_test_eu",
    "rk_test_us",
    "whsec_1",
    "whsec_plain",
  ]);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    "accounts.yml",
    "glance.yml",
  ]);
});

/** A configuration of one account. */
async function withOne(world: World, purpose = "stripe-api-key"): Promise<string> {
  const text = `accounts:\n  main:\n    stripe-api-key: ${await sealSecret(
    "rk_test_1",
    purpose,
    "main",
    OLD,
  )}\n`;
  Deno.writeTextFileSync(`${world.folder}/glance.yml`, text);
  return text;
}

Deno.test("a second rotation changes nothing, and a look changes nothing", async () => {
  using world = inFolder();
  const text = await withOne(world);
  assert.deepEqual(await rotate(world, true), [
    "accounts.main.stripe-api-key would be sealed anew",
  ]);
  assert.equal(Deno.readTextFileSync(`${world.folder}/glance.yml`), text);
  await rotate(world);
  const rotated = Deno.readTextFileSync(`${world.folder}/glance.yml`);
  assert.deepEqual(await rotate(world), [
    "accounts.main.stripe-api-key is sealed under this master key already",
    "GLANCE_MASTER_KEY_PREVIOUS is not needed any more",
  ]);
  assert.equal(Deno.readTextFileSync(`${world.folder}/glance.yml`), rotated);
});

Deno.test("envelopes of version 1 are replaced under the same master key too", async () => {
  using world = inFolder();
  const master = "correct horse battery staple 0123456789";
  Object.assign(world.env, { GLANCE_MASTER_KEY: master, GLANCE_MASTER_KEY_PREVIOUS: undefined });
  const path = `${world.folder}/glance.yml`;
  Deno.writeTextFileSync(
    path,
    "accounts:\n  main:\n    stripe-api-key: encrypted:v1.01fec3c1.600000~" +
      "nJd_vWGL6gLttsq4FSTI8g.OWuXxBFEdAPHDmn1.1GkRxJDE0FieZno6HDwj7VO8-FSLNaJ9OP8f0YuJYcFC\n",
  );
  assert.deepEqual(await opened(world, master), ["rk_live_of_before"]);
  assert.equal((await rotate(world))[0], "accounts.main.stripe-api-key is sealed anew");
  assert.match(Deno.readTextFileSync(path), /stripe-api-key: encrypted:v2\.[\w.~-]+\n$/);
  assert.deepEqual(await opened(world, master), ["rk_live_of_before"]);
});

Deno.test("the audit log is sealed anew with the secrets, and is whole under the new key alone", async () => {
  using world = inFolder();
  await withOne(world);
  world.env.DATABASE_PATH = `${world.folder}/glance.db`;
  const settingsWith = async (env: Record<string, string>) =>
    (await loadConfig(ioOf({ ...world, env: { DATABASE_PATH: world.env.DATABASE_PATH!, ...env } })))
      .settings;
  const before = await settingsWith({ GLANCE_MASTER_KEY: OLD });
  for (const subject of ["a", "b"]) {
    await recordCommand(before, Date.now(), { action: "token_revoked", subject });
  }
  assert.ok((await rotate(world)).includes("The audit log is sealed anew: 2 entries"));
  const now = await settingsWith({ GLANCE_MASTER_KEY: NEW });
  assert.equal(
    await configuredAuditLine(now),
    "Audit log: 3 entries sealed under the master key, none changed or taken out",
  );
});

Deno.test("where one secret cannot be opened nothing is written, and its line is told", async () => {
  using world = inFolder();
  const good = await withOne(world);
  const bad = `${good}  other:\n    stripe-api-key: ${await seal("rk_test_2", "elsewhere")}\n`;
  Deno.writeTextFileSync(`${world.folder}/glance.yml`, bad);
  await assert.rejects(rotate(world), {
    name: "ConfigError",
    message: /line 5, column 21: accounts\.other\.stripe-api-key: cannot be used\. .* sealed for/,
  });
  assert.equal(Deno.readTextFileSync(`${world.folder}/glance.yml`), bad);
});

Deno.test("what stands in no file is told, and the key before stays needed", async () => {
  using world = inFolder();
  world.env.MAIN_KEY = await seal("rk_test_1", "main");
  world.env.STRIPE_SECRET_KEY = await seal("rk_test_2", "default");
  Deno.writeTextFileSync(
    `${world.folder}/glance.yml`,
    "accounts:\n  main:\n    stripe-api-key: ${MAIN_KEY}\n",
  );
  assert.deepEqual(await rotate(world), [
    "STRIPE_SECRET_KEY stands in no file of the configuration: seal it anew with glance secret:seal",
    "accounts.main.stripe-api-key stands in no file of the configuration: seal it anew with glance " +
    "secret:seal",
  ]);
});

Deno.test("without master key or file it says what to do", async () => {
  using world = inFolder();
  await withOne(world);
  const { GLANCE_MASTER_KEY: _, ...env } = world.env;
  await assert.rejects(rotate({ ...world, env }), /Set GLANCE_MASTER_KEY to the new master key/);
  const { GLANCE_MASTER_KEY_PREVIOUS: __, ...alone } = world.env;
  await assert.rejects(rotate({ ...world, env: alone }), /neither GLANCE_MASTER_KEY nor GLANCE_M/);
});

Deno.test("a file with bytes that would be lost is left as it is", async () => {
  using world = inFolder();
  const path = `${world.folder}/glance.yml`;
  const bytes = new TextEncoder().encode(`\ufeff${await withOne(world)}# \u0000`);
  bytes[bytes.length - 1] = 0xff;
  Deno.writeFileSync(path, bytes);
  await assert.rejects(rotate(world), /glance\.yml holds bytes that are no UTF-8/);
  assert.deepEqual(Deno.readFileSync(path), bytes);
  Deno.writeFileSync(path, bytes.slice(0, -1));
  await rotate(world);
  assert.deepEqual(Deno.readFileSync(path).slice(0, 3), new Uint8Array([0xef, 0xbb, 0xbf]));
});

Deno.test("a link to the file stays a link", async () => {
  using world = inFolder();
  await withOne(world);
  Deno.renameSync(`${world.folder}/glance.yml`, `${world.folder}/real.yml`);
  Deno.symlinkSync("real.yml", `${world.folder}/glance.yml`);
  await rotate(world);
  assert.equal(Deno.readLinkSync(`${world.folder}/glance.yml`), "real.yml");
  assert.deepEqual(await opened(world, NEW), ["rk_test_1"]);
});

Deno.test("a program that has both master keys reads the secret at every moment of a rotation", async () => {
  using world = inFolder();
  await withOne(world);
  let rotating = true;
  let reads = 0;
  const rotations = (async () => {
    for (let round = 0; round < 3; round++) {
      await rotate(world);
      const { GLANCE_MASTER_KEY: now, GLANCE_MASTER_KEY_PREVIOUS: before } = world.env;
      Object.assign(world.env, { GLANCE_MASTER_KEY: before, GLANCE_MASTER_KEY_PREVIOUS: now });
    }
    rotating = false;
  })();
  while (rotating) {
    const { settings } = await loadConfig(ioOf({ ...world, env: { ...world.env } }));
    assert.equal(settings.accounts[0]!.key.reveal(), "rk_test_1");
    reads++;
  }
  await rotations;
  assert.ok(reads > 3);
});

/** A writer that stops for good at its step of this number, in the middle of a write too. */
const writerStoppingAt = (stop: number, path: string, text: string) => `
  import { replaceFile } from ${JSON.stringify(import.meta.resolve("../../src/cli/io.ts"))};
  let step = 0;
  async function pass() {
    if (step++ !== ${stop}) return;
    console.log("stopped");
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  }
  const { writeTextFile } = Deno;
  Deno.writeTextFile = async (path, text, options) => {
    await writeTextFile(path, text.slice(0, text.length / 2), options);
    await pass();
    await writeTextFile(path, text, { ...options, createNew: false });
  };
  for (const name of ["remove", "writeTextFile", "open", "chmod", "rename"]) {
    const act = Deno[name];
    Deno[name] = async (...given) => {
      await pass();
      return await act(...given).finally(pass);
    };
  }
  await replaceFile(${JSON.stringify(path)}, ${JSON.stringify(text)});
  console.log("done");
`;

/** Kills the writer at that step; whether it was still writing. */
async function killAt(stop: number, path: string, text: string): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", writerStoppingAt(stop, path, text)],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const said = new TextDecoder().decode((await reader.read()).value);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  return said.startsWith("stopped");
}

Deno.test("at whatever step the writer is killed, the file is the one before, and from the renaming on the one after", async () => {
  using world = inFolder();
  const path = `${world.folder}/glance.yml`;
  const [before, after] = ["# before\n", "# after, and longer\n"] as const;
  const seen: string[] = [];
  for (let stop = 0, writing = true; writing; stop++) {
    Deno.writeTextFileSync(path, before);
    writing = await killAt(stop, path, after);
    if (writing) seen.push(Deno.readTextFileSync(path));
  }
  const renamed = seen.indexOf(after);
  assert.ok(renamed > 5 && seen.length > renamed, `${seen.length} steps`);
  assert.deepEqual(seen, seen.map((_, step) => step < renamed ? before : after));
});
