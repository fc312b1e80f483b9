import assert from "node:assert/strict";
import { createSimulator, makeSubscription, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { ask, AUTHORIZED } from "./support.ts";

const simulator = createSimulator({
  objects: { subscriptions: [makeSubscription({ id: "sub_1" })] },
});

async function failure(path: string) {
  const { status, body } = await ask(simulator, path);
  return { status, error: body["error"] };
}

Deno.test("a request without a key is refused with 401 in Stripe's words", async () => {
  const response = await simulator.fetch("http://simulator/v1/account");
  assert.equal(response.status, 401);
  const { error } = await response.json();
  assert.equal(error.type, "invalid_request_error");
  assert.match(error.message, /^You did not provide an API key\./);
});

Deno.test("a wrong key is refused with 401 and shown masked", async () => {
  const response = await simulator.fetch("http://simulator/v1/account", {
    headers: { authorization: "Bearer rk_test_abcdefgh1234" },
  });
  assert.equal(response.status, 401);
  const { error } = await response.json();
  assert.deepEqual(error, {
    message: "Invalid API Key provided: rk_test_********1234",
    type: "invalid_request_error",
  });
});

Deno.test("basic authentication works as the bearer does", async () => {
  const response = await simulator.fetch("http://simulator/v1/account", {
    headers: { authorization: `Basic ${btoa(`${SIMULATOR_KEY}:`)}` },
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).object, "account");
});

Deno.test("a resource that the key may not read is 403 and names the permission", async () => {
  const restricted = createSimulator({ forbidden: ["prices"] });
  const { status, body } = await ask(restricted, "/v1/prices");
  assert.equal(status, 403);
  assert.equal(
    body["error"].message,
    "The provided key 'rk_test_*****ator' does not have the required permissions for this " +
      "endpoint on account 'acct_1SimulatedGlance'. Having the 'rak_plan_read' permission would " +
      "allow this request to continue.",
  );
  assert.equal((await ask(restricted, "/v1/subscriptions")).status, 200);
  restricted.setForbidden(["subscriptions"]);
  assert.equal((await ask(restricted, "/v1/prices")).status, 200);
  const items = await ask(restricted, "/v1/subscriptions/sub_1");
  assert.match(items.body["error"].message, /Having the 'rak_subscription_read' permission/);
});

Deno.test("a method other than GET changes nothing and is refused", async () => {
  for (const method of ["POST", "DELETE"]) {
    const response = await simulator.fetch("http://simulator/v1/subscriptions/sub_1", {
      method,
      headers: AUTHORIZED,
    });
    assert.equal(response.status, 405);
    assert.equal((await response.json()).error.type, "invalid_request_error");
  }
  assert.equal((await ask(simulator, "/v1/subscriptions/sub_1")).status, 200);
});

Deno.test("an unknown path is 404 in Stripe's words", async () => {
  const { status, error } = await failure("/v1/subscriptionz");
  assert.equal(status, 404);
  assert.match(error.message, /^Unrecognized request URL \(GET: \/v1\/subscriptionz\)\./);
});

Deno.test("a missing object is 404 resource_missing", async () => {
  const { status, error } = await failure("/v1/subscriptions/sub_none");
  assert.equal(status, 404);
  assert.equal(error.code, "resource_missing");
  assert.equal(error.param, "id");
  assert.equal(error.message, "No such subscription: 'sub_none'");
  assert.equal(error.doc_url, "https://stripe.com/docs/error-codes/resource-missing");
});

Deno.test("an unknown cursor is 400 resource_missing", async () => {
  const { status, error } = await failure("/v1/subscriptions?starting_after=sub_none");
  assert.equal(status, 400);
  assert.equal(error.code, "resource_missing");
  assert.equal(error.param, "starting_after");
});

Deno.test("an unknown parameter is 400 parameter_unknown, canceled_at among them", async () => {
  const { status, error } = await failure("/v1/subscriptions?canceled_at[gte]=5");
  assert.equal(status, 400);
  assert.equal(error.code, "parameter_unknown");
  assert.equal(error.message, "Received unknown parameter: canceled_at[gte]");
  assert.equal(
    (await failure("/v1/subscriptions?created[near]=5")).error.code,
    "parameter_unknown",
  );
  assert.equal((await failure("/v1/subscriptions/sub_1?limit=5")).error.code, "parameter_unknown");
});

Deno.test("a limit outside 1 to 100, or no whole number, is 400", async () => {
  for (const limit of ["0", "101", "-1", "ten", "1.5"]) {
    const { status, error } = await failure(`/v1/subscriptions?limit=${limit}`);
    assert.equal(status, 400, limit);
    assert.equal(error.param, "limit");
  }
  assert.equal(
    (await failure("/v1/subscriptions?limit=ten")).error.message,
    "Invalid integer: ten",
  );
  assert.equal((await ask(simulator, "/v1/subscriptions?limit=100")).status, 200);
});

Deno.test("both cursors together, and an unknown status, are 400", async () => {
  const both = await failure("/v1/subscriptions?starting_after=sub_1&ending_before=sub_1");
  assert.equal(both.status, 400);
  const status = await failure("/v1/subscriptions?status=sleeping");
  assert.equal(status.status, 400);
  assert.match(status.error.message, /^Invalid status: must be one of all, active, canceled/);
});

Deno.test("subscription items cannot be listed without a subscription", async () => {
  const { status, error } = await failure("/v1/subscription_items");
  assert.equal(status, 400);
  assert.equal(error.message, "Missing required param: subscription.");
});

Deno.test("no error shows the key", async () => {
  for (const path of ["/v1/nowhere", "/v1/subscriptions/x", "/v1/prices?limit=0"]) {
    const { body } = await ask(simulator, path);
    assert.ok(!JSON.stringify(body).includes(SIMULATOR_KEY));
  }
});

Deno.test("odd paths and fields are refused like any other", async () => {
  assert.equal((await failure("/v1/toString")).status, 404);
  assert.equal((await failure("/v1/subscriptions/%E0%A4")).status, 404);
  assert.equal((await failure("/v1/subscriptions/sub_1/items")).status, 404);
  for (const field of ["constructor", "__proto__.x", "data.__proto__.x", "data.toString"]) {
    assert.equal((await failure(`/v1/subscriptions?expand[]=${field}`)).status, 400, field);
  }
});
