/** The unit as deploy/README.md says to install it, run by systemd. */
import assert from "node:assert/strict";
import { createCompany, createSimulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { eventually } from "../support/program.ts";
import { blocksOf, documented, sectionOf } from "../support/runbook.ts";
import { WEBHOOK_SECRET } from "../support/webhooks.ts";
import { type Machine, startMachine } from "./machine.ts";
import { containerTest, missing, openEngine, ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers } from "./world.ts";

const engine = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-systemd-" });
const NOW = Math.floor(Date.now() / 1000);
const CREDENTIALS = "/run/credentials/businessglance.service";

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

/** The commands of the document's section, with the keys of this test. */
function installation(): string {
  const [commands] = blocksOf(sectionOf("systemd"));
  return commands!.replace("rk_live_…", SIMULATOR_KEY).replace("whsec_…", WEBHOOK_SECRET);
}

/** Lets the service ask the simulator in place of Stripe, and nothing else. */
function dropIn(stripeUrl: string): string {
  const unit = Deno.readTextFileSync(`${ROOT}deploy/systemd/businessglance.service`);
  const [start] = /^ExecStart=(?:.*\\\n)*.*$/m.exec(unit)!;
  return [
    "[Service]",
    `Environment=STRIPE_API_BASE=${stripeUrl} DENO_CERT=/etc/stripe.crt`,
    "ExecStart=",
    start.replace("api.stripe.com:443", new URL(stripeUrl).host),
    "",
  ].join("\n");
}

async function putFile(machine: Machine, path: string, text: string): Promise<void> {
  await machine.sh(`mkdir -p "$(dirname ${path})"; cat > ${path} <<'END'\n${text}\nEND`);
}

async function install(machine: Machine, stripeUrl: string): Promise<void> {
  const certificate = Deno.readTextFileSync(`${folder}/${HOST_NAME}.crt`);
  const change = "/etc/systemd/system/businessglance.service.d/test.conf";
  await putFile(machine, "/etc/stripe.crt", certificate);
  await putFile(machine, change, dropIn(stripeUrl));
  await putFile(machine, "~/password.txt", PASSWORD);
  await machine.sh(`export DENO_TLS_CA_STORE=system\n${installation()}`);
}

/** What the program answers within the machine, to a reader who has signed in. */
const ASK = `
const base = "http://127.0.0.1:8080";
const form = { username: "admin", password: "${PASSWORD}" };
const body = new URLSearchParams(form);
const signed = await fetch(base + "/api/authenticate", { method: "POST", body, redirect: "manual" });
const cookie = signed.headers.get("set-cookie")?.split(";")[0] ?? "";
const { data: [source] } = await (await fetch(base + "/api/v1/sources", { headers: { cookie } })).json();
console.log(JSON.stringify({ source, ready: (await fetch(base + "/health/ready")).status }));
`;

async function answer(machine: Machine) {
  const { code, output } = await machine.trySh(`NO_COLOR=1 deno eval '${ASK}'`);
  return code === 0 ? JSON.parse(output) : null;
}

const property = (machine: Machine, name: string) =>
  machine.sh(`systemctl show --value --property=${name} businessglance`);

async function serves(machine: Machine) {
  const first = await eventually(
    () => answer(machine),
    (one) => one?.ready === 200 && one.source?.historyDone === true,
  );
  assert.equal(await property(machine, "ActiveState"), "active");
  assert.equal(await machine.sh("systemctl is-enabled businessglance"), "enabled");
  return first.source;
}

/** A user that exists while it runs, without a right, with files that are its own. */
async function isShutIn(machine: Machine): Promise<void> {
  const pid = await property(machine, "MainPID");
  const user = Number(await machine.sh(`stat --format=%u /proc/${pid}`));
  // The range of which systemd takes dynamic users.
  assert.ok(user >= 61184 && user <= 65519, `user ${user}`);
  assert.match(await machine.sh(`cat /proc/${pid}/status`), /^CapBnd:\t0{16}$/m);
  assert.equal(
    await machine.sh("cd /var/lib/businessglance/; stat --format='%n %u %a' . glance.db"),
    `. ${user} 700\nglance.db ${user} 600`,
  );
  for (const name of ["admin_password_hash", "metrics_token", "stripe_secret_key"]) {
    const read = (who: number) =>
      machine.trySh(`setpriv --reuid=${who} --clear-groups cat ${CREDENTIALS}/${name}`);
    assert.equal((await read(user)).code, 0, name);
    assert.equal((await read(user + 1)).code, 1, name);
  }
  const said = await machine.sh(documented("systemd-analyze security"));
  const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(said)!;
  assert.ok(Number(exposure) < 2.5, exposure);
}

async function comesBack(machine: Machine, account: string): Promise<void> {
  await machine.sh("systemctl kill --signal=KILL businessglance");
  await eventually(() => property(machine, "NRestarts"), (count) => count === "1");
  const again = await eventually(() => answer(machine), (one) => one?.source?.phase === "live");
  assert.equal(again.source.historyDone, true);
  assert.equal(again.source.account, account);
  // What was read is not read again.
  const pid = await property(machine, "MainPID");
  assert.doesNotMatch(
    await machine.sh(`journalctl _PID=${pid}`),
    /reading the account|past rebuilt/,
  );
}

async function endsInTime(machine: Machine): Promise<void> {
  await machine.sh("systemctl stop businessglance");
  assert.equal(
    await machine.sh("systemctl show -p Result -p ExecMainCode -p ExecMainStatus businessglance"),
    // 1: it exited, and was not killed.
    "Result=success\nExecMainCode=1\nExecMainStatus=0",
  );
  const stopping = Number(await property(machine, "ActiveExitTimestampMonotonic"));
  const stopped = Number(await property(machine, "InactiveEnterTimestampMonotonic"));
  assert.ok(stopped > stopping && stopped - stopping < 4_000_000, `${stopped - stopping} µs`);
}

/** A fault in the configuration: systemd tries again and again, and the journal tells why. */
async function tellsTheFault(machine: Machine): Promise<void> {
  await machine.sh("echo 'figurs: {}' >> /etc/businessglance/glance.yml");
  await machine.sh(documented("systemctl restart"));
  await eventually(
    () => machine.sh(documented("journalctl")),
    (text) => /glance\.yml, line 6.*figurs/.test(text),
  );
  await machine.sh("sed -i '/figurs/d' /etc/businessglance/glance.yml");
  await machine.sh(documented("systemctl reset-failed"));
  await machine.sh(documented("systemctl start"));
  await serves(machine);
}

/** Commands by `glance`: as the service's user, beside it and while it is stopped. */
async function takesCommands(machine: Machine): Promise<void> {
  assert.match(await machine.sh(documented("systemctl status")), /Active: active \(running\)/);
  assert.match(await machine.sh(documented("glance db:status")), /^Every page is whole$/m);
  assert.match(await machine.sh(documented("glance permissions")), /--allow-net=127\.0\.0\.1:8080/);
  assert.match(
    await machine.sh("glance reconcile"),
    /^default: \d{3} subscriptions .*: none differs$/m,
  );
  await machine.sh("glance db:backup /var/lib/businessglance/kept");
  await machine.sh("systemctl stop businessglance");
  await machine.sh("glance db:restore /var/lib/businessglance/kept");
  await machine.sh("systemctl start businessglance");
}

containerTest(
  "systemd runs the unit: shut in; killed it comes back; it ends in time and tells its faults",
  async () => {
    const certificate = await makeCertificate(folder, HOST_NAME);
    const company = createCompany({ seed: 5, customers: 300, now: NOW });
    const simulator = createSimulator({ source: company.source });
    await using stripe = serveToContainers(simulator, certificate);
    await using machine = await startMachine(engine!);
    await install(machine, stripe.url);
    const { account } = await serves(machine);
    await takesCommands(machine);
    assert.equal((await serves(machine)).account, account);
    await isShutIn(machine);
    await comesBack(machine, account);
    await endsInTime(machine);
    await tellsTheFault(machine);
  },
);
