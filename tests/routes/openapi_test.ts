/** The OpenAPI document, and that real answers are what it says. */
import assert from "node:assert/strict";
import { FILTERS } from "../../routes/api/params.ts";
import { problem } from "../../routes/api/schemas/parts.ts";
import { API_ROUTES, EXPORT, PARAMETERS } from "../../routes/api/schemas/table.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { companyDashboard, MORE } from "./company_fixture.ts";

Deno.test("every route's real answers are parsed by their schemas", async () => {
  await using dashboard = await companyDashboard();
  for (const { path, answer } of API_ROUTES) {
    for (const query of ["", ...MORE[path] ?? []]) {
      const body = await dashboard.json(`/api/v1${path}${query}`);
      const { error } = answer.safeParse(body);
      assert.equal(error, undefined, `${path}${query}: ${error?.message}`);
      assert.equal(answer.safeParse({ ...body, undescribed: 1 }).success, false, path);
    }
  }
});

Deno.test("an empty account's answers are parsed by the same schemas", async () => {
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  for (const { path, answer } of API_ROUTES) {
    const { error } = answer.safeParse(await dashboard.json(`/api/v1${path}`));
    assert.equal(error, undefined, `${path}: ${error?.message}`);
  }
});

Deno.test("every parameter that is described is known to its route, and no other is", async () => {
  await using dashboard = await companyDashboard();
  const sample: Record<string, string> = { format: "json", source: "default", figure: "new" };
  const known = dashboard.view.tally.plans()[0]!;
  const values: Record<string, string> = {
    ...sample,
    plan: known.price,
    price: known.price,
    product: known.product,
    first: known.price,
    currency: "usd",
    billing: "month",
    interval: "month",
    grain: "day",
    limit: "5",
    detail: "subscriptions",
    after: "0",
    at: "2026-11-01",
    from: "2026-10-01",
    to: "2026-11-01",
  };
  for (const { path, parameters } of API_ROUTES) {
    for (const name of Object.keys(PARAMETERS)) {
      const movement = path === "/subscriptions" && ["from", "to", "grain", "after"].includes(name);
      const prefix = movement ? "figure=new&" : "";
      const response = await dashboard.get(`/api/v1${path}?${prefix}${name}=${values[name]}`);
      const body = await response.json();
      const described = parameters.some((one) => one === name) || name === "source";
      assert.equal(body.code !== "parameter_unknown", described, `${path} ${name}`);
      if (response.status !== 200) assert.equal(problem.safeParse(body).success, true);
    }
  }
  assert.ok(FILTERS.every((name) => name in PARAMETERS));
});

/** What of an OpenAPI document is looked at here. */
interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<
    Record<string, { get: { operationId: string; responses: Record<string, object> } }>
  >;
}

/** Every `$ref` in a value. */
function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" ? [String(inner)] : refsIn(inner)
  );
}

Deno.test("the document is OpenAPI 3.1: every route, every reference resolved, names unique", async () => {
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  const response = await dashboard.get("/api/openapi.json");
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  const document: OpenApi = await response.json();
  assert.match(document.openapi, /^3\.1\.\d+$/);
  assert.ok(document.info.title && document.info.version);
  assert.deepEqual(Object.keys(document.paths), [...API_ROUTES, EXPORT].map(({ path }) => path));
  for (const ref of refsIn(document)) {
    const path = ref.replace(/^#\//, "").split("/");
    const target = path.reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
      document,
    );
    assert.ok(target, `${ref} leads nowhere`);
  }
  const ids = Object.values(document.paths).map(({ get }) => get.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { get } of Object.values(document.paths)) {
    for (const [status, answer] of Object.entries(get.responses)) {
      assert.match(status, /^\d{3}$/);
      assert.ok("$ref" in answer || "description" in answer);
    }
  }
});
