import assert from "node:assert/strict";
import { createCustomerLabels } from "../../src/stripe/customer_labels.ts";

const CUSTOMERS: Readonly<Record<string, unknown>> = {
  cus_1: { id: "cus_1", name: "Ada", email: "ada@example.com", metadata: { "team.id": "T1" } },
  cus_2: { id: "cus_2", name: null },
  cus_3: { id: "cus_3", deleted: true },
  cus_4: { id: "cus_4", name: `\u202e${"x".repeat(200)}` },
};

/** Labels over a client that counts what it is asked, and a clock that is set by hand. */
function labelsBy(label: string, retrieve = (id: string) => Promise.resolve(CUSTOMERS[id])) {
  let now = 0;
  const asked: string[] = [];
  const waits: (() => void)[] = [];
  const labels = createCustomerLabels({
    client: {
      retrieve(path) {
        const id = path.replace("/v1/customers/", "");
        asked.push(id);
        return retrieve(id);
      },
    },
    label,
    now: () => now,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        waits.push(resolve);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  return { labels, asked, waits, set: (ms: number) => void (now = ms) };
}

Deno.test("a customer is called as its field says, else by its id", async () => {
  const named = await labelsBy("name").labels.of(["cus_1", "cus_2", "cus_3", "cus_none"]);
  assert.deepEqual([...named], [["cus_1", "Ada"]]);
  const byMetadata = await labelsBy("metadata.team.id").labels.of(["cus_1", "cus_2"]);
  assert.deepEqual([...byMetadata], [["cus_1", "T1"]]);
});

Deno.test("a label is cut to 80 characters and has none that change how text runs", async () => {
  const text = (await labelsBy("name").labels.of(["cus_4"])).get("cus_4")!;
  assert.equal(text.length, 80);
  assert.match(text, /^x+…$/);
});

Deno.test("labels are kept for five minutes, also that there is none", async () => {
  const { labels, asked, set } = labelsBy("name");
  await labels.of(["cus_1", "cus_2", "cus_1"]);
  await labels.of(["cus_2", "cus_1"]);
  assert.deepEqual(asked, ["cus_1", "cus_2"]);
  set(5 * 60_000);
  await labels.of(["cus_1"]);
  assert.deepEqual(asked, ["cus_1", "cus_2", "cus_1"]);
});

Deno.test("a customer that cannot be read is called by its id; the page goes on", async () => {
  const { labels } = labelsBy("name", () => Promise.reject(new Error("no permission")));
  assert.deepEqual([...await labels.of(["cus_1"])], []);
});

Deno.test("a page does not wait for a slow answer; the next one has it", async () => {
  let answer: (customer: unknown) => void = () => {};
  const { labels, asked, waits } = labelsBy("name", () =>
    new Promise((resolve) => {
      answer = resolve;
    }));
  const first = labels.of(["cus_1"]);
  waits[0]!();
  assert.deepEqual([...await first], []);
  const second = labels.of(["cus_1"]);
  answer(CUSTOMERS.cus_1);
  assert.deepEqual([...await second], [["cus_1", "Ada"]]);
  assert.deepEqual(asked, ["cus_1"]);
});
