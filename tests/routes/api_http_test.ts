/** The JSON interface as HTTP: which form of an answer is given, HEAD, and methods. */
import assert from "node:assert/strict";
import { toCsv } from "../../routes/api/csv.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const CSV_TYPE = "text/csv; charset=utf-8";

/** One subscription of 29.00 a month. */
function oneCustomer() {
  const price = makePrice({ id: "price_1", unit_amount: 2900 });
  const lines = [makeItem({ id: "si_1", price })];
  return createSimulator({
    objects: { prices: [price], subscriptions: [makeSubscription({ id: "sub_1", lines })] },
  });
}

Deno.test("CSV for one client is not what the next one gets", async () => {
  await using dashboard = await startLiveDashboard({ simulator: oneCustomer(), pollSeconds: 600 });
  const typeOf = async (path: string, accept?: string) => {
    const response = await dashboard.get(path, accept ? { headers: { accept } } : {});
    await response.body?.cancel();
    return response.headers.get("content-type");
  };
  for (const path of ["/api/v1/movements", "/api/v1/sources"]) {
    assert.equal(await typeOf(path, "text/csv"), CSV_TYPE);
    assert.equal(await typeOf(path), JSON_TYPE);
    assert.equal(await typeOf(path, "text/csv"), CSV_TYPE);
    assert.equal(await typeOf(path, "*/*"), JSON_TYPE);
  }
});

Deno.test("`format` is stronger than `Accept`; of several media types the first counts", async () => {
  await using dashboard = await startLiveDashboard({ simulator: oneCustomer(), pollSeconds: 600 });
  const cases: [string, string, string][] = [
    ["?format=json", "text/csv", JSON_TYPE],
    ["?format=csv", "application/json", CSV_TYPE],
    ["", "TEXT/CSV", CSV_TYPE],
    ["", "text/csv; charset=utf-8, application/json;q=0.5", CSV_TYPE],
    ["", "application/json, text/csv", JSON_TYPE],
    ["", "text/csv;q=0, application/json", JSON_TYPE],
    ["", "text/csv-schema", JSON_TYPE],
  ];
  for (const [query, accept, type] of cases) {
    const response = await dashboard.get(`/api/v1/revenue${query}`, { headers: { accept } });
    await response.body?.cancel();
    assert.equal(response.headers.get("content-type"), type, `${query} ${accept}`);
  }
});

Deno.test("HEAD has the headers of GET, its length too, and no body", async () => {
  await using dashboard = await startLiveDashboard({ simulator: oneCustomer(), pollSeconds: 600 });
  const headers = { "accept-encoding": "identity" };
  const path = "/api/v1/revenue";
  const [head, get] = [
    await dashboard.get(path, { method: "HEAD", headers }),
    await dashboard.get(path, { headers }),
  ];
  assert.equal(await head.text(), "");
  const length = new TextEncoder().encode(await get.text()).byteLength;
  assert.equal(head.headers.get("content-length"), String(length));
  for (const name of ["etag", "content-type", "cache-control", "vary"]) {
    assert.equal(head.headers.get(name), get.headers.get(name), name);
  }
});

Deno.test("a method that is not for an address is refused with those that are (RFC 9110)", async () => {
  await using dashboard = await startLiveDashboard({ simulator: oneCustomer() });
  const cases: [string, string, string][] = [
    ["POST", "/api/v1/revenue", "GET, HEAD"],
    ["OPTIONS", "/api/v1/revenue", "GET, HEAD"],
    ["DELETE", "/api/stripe/webhook", "POST"],
  ];
  for (const [method, path, allow] of cases) {
    const response = await dashboard.get(path, { method });
    const { code } = await response.json();
    assert.deepEqual(
      [response.status, response.headers.get("allow"), code],
      [405, allow, "method_not_allowed"],
      `${method} ${path}`,
    );
  }
});

Deno.test("CSV neutralises formulas, and leaves negative numbers and fractions as they are", () => {
  const rows = [
    { delta: -400, deltaExact: "-400", name: "=1+1" },
    { delta: -1, deltaExact: "-5/4", name: "-2+A1" },
    { delta: 0, deltaExact: "0", name: '@a,"b"' },
  ];
  assert.equal(
    toCsv(rows),
    "delta (minor units),deltaExact (minor units),name\r\n" +
      "-400,-400,'=1+1\r\n" +
      "-1,-5/4,'-2+A1\r\n" +
      '0,0,"\'@a,""b"""\r\n',
  );
});

Deno.test("every figure that rows are asked of is told with what it means", async () => {
  await using dashboard = await startLiveDashboard({ simulator: oneCustomer(), pollSeconds: 600 });
  const cases: [figure: string, meaning: string][] = [
    ["mrr", "mrr"],
    ["active", "active"],
    ["trialingMrr", "trialingMrr"],
    ["unresolved", "unresolved"],
    ["top10", "concentration"],
    ["churn", "movements"],
  ];
  for (const [figure, meaning] of cases) {
    const { definitions } = await dashboard.json(
      `/api/v1/subscriptions?figure=${figure}`,
    ) as unknown as { definitions: Record<string, string> };
    assert.deepEqual(Object.keys(definitions), [meaning], figure);
    assert.match(definitions[meaning]!, /\w\.$/, figure);
  }
});

Deno.test("of several sources one has to be named, by its key or its account; all are listed", async () => {
  await using dashboard = await startLiveDashboard({
    simulator: oneCustomer(),
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.flatMap((account) => [
        { ...account, name: "north" },
        { ...account, name: "south" },
      ]),
    }),
  });
  const account = dashboard.view.info.account;
  const cases: [query: string, status: number, code: string | undefined, source: unknown][] = [
    ["", 400, "source_required", undefined],
    ["?source=north", 200, undefined, "north"],
    ["?source=south", 200, undefined, "south"],
    [`?source=${account}:test`, 200, undefined, "north"],
    [`?source=${account}:live`, 404, "source_unknown", undefined],
    ["?source=north&source=south", 400, "parameter_invalid", undefined],
  ];
  for (const [query, status, code, source] of cases) {
    const response = await dashboard.get(`/api/v1/customers${query}`);
    const body = await response.json();
    const parameter = code ? "source" : undefined;
    assert.deepEqual(
      [response.status, body.code, body.parameter, body.source],
      [status, code, parameter, source],
      query,
    );
  }
  const namesOf = async (query: string) => {
    const { data } = await dashboard.json(`/api/v1/sources${query}`) as unknown as {
      data?: { name: string }[];
    };
    return data?.map(({ name }) => name);
  };
  assert.deepEqual(await namesOf(""), ["north", "south"]);
  assert.deepEqual(await namesOf("?source=south"), ["south"]);
  assert.deepEqual(await namesOf("?source=east"), undefined);
});

Deno.test("stale figures say whether Stripe is away or says no", async () => {
  for (const reason of ["stripe_unreachable", "permission_missing"]) {
    const simulator = oneCustomer();
    await using dashboard = await startLiveDashboard({ simulator });
    if (reason === "permission_missing") simulator.setForbidden(["events"]);
    else simulator.setFaults({ rate: 1, kinds: ["server_error"] });
    await dashboard.until(({ status }) =>
      status.staleSince !== null &&
      (status.phase === "permission_missing") === (reason === "permission_missing")
    );
    const { state, reasons, currencies } = await dashboard.json(
      "/api/v1/revenue",
    ) as unknown as { state: string; reasons: string[]; currencies: { usd: { mrr: number } } };
    assert.deepEqual([state, reasons, currencies.usd.mrr], ["stale", [reason], 2900]);
  }
});
