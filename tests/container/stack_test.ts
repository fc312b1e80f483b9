/** deploy/compose/stack.yaml as it stands: two dashboards over PostgreSQL behind nginx, watched. */
import assert from "node:assert/strict";
import { eventually } from "../support/program.ts";
import { signIn, type Stack, startStack } from "./stack.ts";
import { containerTest, IMAGE, missing, openEngine } from "./suite.ts";
import { deliver, pace } from "./traffic.ts";

const engine = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-stack-" });
/** The image of the version after this one. */
const NEXT = IMAGE.replace(/:.*/, ":next");

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

const inspect = (id: string, format: string) => engine!.docker(["inspect", "--format", format, id]);

/** Readers of the page, so many a second. */
function readers({ get }: Stack, cookie: string, perSecond: number) {
  return pace(perSecond, async () => {
    const response = await get("/", { headers: { cookie } });
    const text = await response.text();
    return text.includes("MRR") ? response.status : 204;
  });
}

/** What happens in the company, and Stripe's word of it, three times a second. */
function webhooks({ company, get }: Stack) {
  return deliver(company, 3, async (body, signature) => {
    const headers = { "content-type": "application/json", "stripe-signature": signature };
    const response = await get("/webhooks/stripe", { method: "POST", headers, body });
    await response.body?.cancel();
    return response.status;
  });
}

async function mrrOf({ get }: Stack, cookie: string) {
  const response = await get("/api/v1/revenue", { headers: { cookie } });
  if (!response.ok) return await response.body?.cancel(), null;
  return await response.json();
}

/** Waits until the figures are as the company's books have them, to the last digit. */
async function untilAsKept(stack: Stack, cookie: string): Promise<void> {
  const shown = async () => {
    const { currencies = {} } = await mrrOf(stack, cookie) ?? {};
    const rows = Object.entries(currencies as Record<string, { mrrExact: string }>);
    return JSON.stringify(rows.map(([currency, { mrrExact }]) => [currency, mrrExact]).sort());
  };
  const { company } = stack;
  const rows = Object.entries(company.books(company.now()).mrr);
  const kept = JSON.stringify(rows.map(([currency, { exact }]) => [currency, exact]).sort());
  await eventually(shown, (text) => text === kept);
}

/** What Prometheus answers to a query, a line a series. */
async function query({ run }: Stack, expression: string): Promise<string[]> {
  const answer = await run(
    ...["exec", "-T", "prometheus", "promtool", "query", "instant"],
    ...["http://127.0.0.1:9090", expression],
  );
  return answer.split("\n").filter((line) => line !== "");
}

async function passesThroughNginx(stack: Stack, cookie: string): Promise<void> {
  const { get, port } = stack;
  const { stdout } = await new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", "h2,http/1.1"],
    stdin: "null",
  }).output();
  const agreed = new TextDecoder().decode(stdout);
  assert.match(agreed, /New, TLSv1\.3/);
  assert.match(agreed, /ALPN protocol: h2/);
  const page = await get("/", { headers: { cookie } });
  assert.equal(page.status, 200);
  assert.match(page.headers.get("strict-transport-security")!, /max-age=31536000/);
  assert.match(await page.text(), /MRR/);
  for (const path of ["/metrics", "/health/ready"]) {
    const { status, body } = await get(path);
    await body?.cancel();
    assert.equal(status, 403, path);
  }
  const stream = await get("/api/stream", { headers: { cookie } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /data:|event:|:/);
  await reader.cancel();
}

/** Stops a dashboard while readers and webhooks come; waits for the alert; starts it again. */
async function losesNothingToAStop(stack: Stack, cookie: string): Promise<void> {
  const [stopped = ""] = await stack.ids();
  const reading = readers(stack, cookie, 200);
  const sending = webhooks(stack);
  await reading.answeredMore(200);
  await engine!.docker(["stop", stopped]);
  assert.equal(await inspect(stopped, "{{.State.ExitCode}}"), "0");
  await reading.answeredMore(400);
  const { acknowledged } = await sending.end();
  const { sent, perSecond, answered, failed } = await reading.end();
  assert.deepEqual(failed, []);
  assert.equal(answered, sent);
  assert.ok(perSecond > 198 && perSecond < 202, `${perSecond} a second`);
  assert.ok(acknowledged > 0);
  await eventually(async () => {
    // Waits for the network, so that the alert is received meanwhile.
    await query(stack, "ALERTS");
    return stack.alerts.some(({ alertname }) => alertname === "GlanceReplicaMissing");
  }, (rings) => rings);
  await engine!.docker(["start", stopped]);
  await eventually(
    () => inspect(stopped, "{{.State.Health.Status}}"),
    (status) => status === "healthy",
  );
}

async function losesNothingToAKill(stack: Stack, cookie: string): Promise<void> {
  const [, killed = ""] = await stack.ids();
  const reading = readers(stack, cookie, 200);
  const sending = webhooks(stack);
  await sending.answeredMore(2);
  Deno.kill(Number(await inspect(killed, "{{.State.Pid}}")), "SIGKILL");
  await reading.answeredMore(200);
  await sending.answeredMore(6);
  assert.ok((await sending.end()).acknowledged > 0);
  assert.ok((await reading.end()).answered > 50);
  await eventually(() => inspect(killed, "{{.State.Running}}"), (running) => running === "true");
  await untilAsKept(stack, cookie);
}

/** Three dashboards become three of the next version, one after another, as deploy/README.md says. */
async function losesNothingToAnUpdate(stack: Stack, cookie: string): Promise<void> {
  const scale = (count: number) =>
    stack.run(
      ...["up", "--detach", "--wait", "--no-build", "--no-deps", "--no-recreate"],
      ...[`--scale=app=${count}`, "app"],
    );
  const takeIn = () => stack.run("kill", "--signal=HUP", "nginx");
  await scale(3);
  await takeIn();
  const old = await stack.ids();
  await engine!.docker(["tag", IMAGE, NEXT]);
  Deno.env.set("GLANCE_VERSION", "next");
  const reading = readers(stack, cookie, 50);
  const sending = webhooks(stack);
  for (const id of old) {
    const before = new Set(await stack.ids());
    await scale(4);
    const [fresh = ""] = (await stack.ids()).filter((one) => !before.has(one));
    const ask = ["/bin/deno", "run", "--cached-only", "--allow-env=PORT", "--allow-net=127.0.0.1"];
    await eventually(
      () => engine!.tryDocker(["exec", fresh, ...ask, "deploy/healthcheck.ts", "ready"]),
      ({ code }) => code === 0,
    );
    await takeIn();
    await engine!.docker(["stop", id]);
    await engine!.docker(["rm", id]);
  }
  await takeIn();
  await sending.answeredMore(3);
  const { acknowledged, refused } = await sending.end();
  const { failed } = await reading.end();
  Deno.env.delete("GLANCE_VERSION");
  assert.deepEqual({ refused, failed }, { refused: [], failed: [] });
  assert.ok(acknowledged > 10, `${acknowledged} webhooks`);
  const images = await Promise.all(
    (await stack.ids()).map((id) => inspect(id, "{{.Config.Image}}")),
  );
  assert.deepEqual(images, [NEXT, NEXT, NEXT]);
  await untilAsKept(stack, cookie);
}

containerTest("the whole stack", async (t) => {
  await using stack = await startStack(engine!, folder);
  const cookie = await signIn(stack);
  await eventually(() => mrrOf(stack, cookie), (answer) => answer !== null);
  await t.step(
    "nginx: TLS 1.3, HTTP/2, pages, the stream, and nothing of the inside",
    () => passesThroughNginx(stack, cookie),
  );
  await t.step("Prometheus sees both dashboards", async () => {
    await eventually(
      () => query(stack, 'up{job="businessglance"} == 1'),
      (lines) => lines.length === 2,
    );
  });
  await t.step(
    "one stopped under 200 requests a second: none is lost, and the alert rings",
    () => losesNothingToAStop(stack, cookie),
  );
  await t.step(
    "one killed: it comes back, and every acknowledged webhook has its effect",
    () => losesNothingToAKill(stack, cookie),
  );
  await t.step(
    "three updated one after another: no page fails, no webhook is refused or lost",
    () => losesNothingToAnUpdate(stack, cookie),
  );
});
