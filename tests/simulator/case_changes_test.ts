/** Changes that are hard to read, as the company serves them: at a renewal, within a second. */
import assert from "node:assert/strict";
import { amounts, changesOf, DAY, events, made, NOW, played, simulator } from "./played.ts";
import { type Body, readAll } from "./support.ts";

Deno.test("a change in a renewal's first moment has prorations of no length beside the full line", () => {
  for (const { own, at } of changesOf("zero_length_proration", "changed_at_renewal")) {
    const [invoice] = made(own, at);
    const { data } = invoice!["lines"];
    assert.equal(invoice!["billing_reason"], "subscription_cycle");
    assert.deepEqual(data.slice(0, 2).map(({ period }: Body) => period), [
      { start: at, end: at },
      { start: at, end: at },
    ]);
    assert.deepEqual(amounts(invoice!).slice(0, 2), [[0, 2], [0, 4]]);
    assert.deepEqual(data.slice(2).map(({ quantity }: Body) => quantity), [4]);
  }
});

Deno.test("a change right after a renewal is a second invoice of the same second, over the whole period", () => {
  for (const { own, at } of changesOf("change_on_renewal", "seats_changed")) {
    const reasons = made(own, at).map(({ billing_reason }) => billing_reason).sort();
    assert.deepEqual(reasons, ["subscription_cycle", "subscription_update"]);
    const update = made(own, at).find((one) => one["billing_reason"] === "subscription_update")!;
    const cycle = made(own, at).find((one) => one["billing_reason"] === "subscription_cycle")!;
    const { period } = cycle["lines"].data[0];
    assert.ok(update["lines"].data.every((line: Body) => line["period"].end === period.end));
    assert.equal(update["lines"].data[0].amount, -cycle["lines"].data[0].amount);
  }
});

Deno.test("changes that cancel out credit and charge the same", () => {
  const same = played("net_zero").flatMap(({ invoices }) =>
    invoices.filter(({ billing_reason }) => billing_reason === "subscription_update")
  );
  assert.ok(same.some((invoice) => {
    const [[off, from], [on, to]] = amounts(invoice);
    return from === 3 && to === 3 && off === -on;
  }));
  assert.ok(same.some((invoice) => amounts(invoice)[1][1] === 5));
  for (const { sub } of played("net_zero")) assert.equal(sub["items"].data[0].quantity, 3);
});

Deno.test("several changes of one second come in no order, and chain by what they were before", () => {
  const seconds = changesOf("same_second", "seats_changed").filter(({ at }) => at > NOW - 30 * DAY);
  const told = [...new Set(seconds.map(({ own }) => own.sub["id"]))].map((id) =>
    events.filter(({ data }) => data.object.id === id && data.previous_attributes?.items)
      .filter(({ data }) =>
        data.previous_attributes.items.data[0].quantity !== data.object.items.data[0].quantity
      )
      .map(({ data }) =>
        [
          data.previous_attributes.items.data[0].quantity,
          data.object.items.data[0].quantity,
        ].join(">")
      ).reverse()
  );
  assert.ok(told.length > 1);
  for (const steps of told) assert.deepEqual(steps.toSorted(), ["1>3", "2>5", "3>2"]);
  assert.ok(told.some((steps) => steps.join() !== "1>3,3>2,2>5"));
});

Deno.test("nothing is invoiced before an anchor ahead, and the period runs up to it", () => {
  const ahead = played("anchor_ahead");
  for (const { sub, invoices } of ahead) {
    const { billing_cycle_anchor: anchor, created } = sub;
    assert.ok(anchor > created);
    if (invoices.length > 0) assert.equal(invoices[0]!["created"], anchor);
    else {
      assert.equal(sub["latest_invoice"], null);
      assert.equal(sub["items"].data[0].current_period_start, created);
      assert.equal(sub["items"].data[0].current_period_end, anchor);
    }
  }
  assert.ok(ahead.some(({ invoices }) => invoices.length === 0));
});

Deno.test("lists of 12 and 25 items are cut at ten, in events too, and the rest stands at their own path", async () => {
  const counts = new Set<number>();
  const shown = new Set<boolean>();
  for (const { sub, invoices, changes } of played("many_items")) {
    assert.deepEqual([sub["items"].data.length, sub["items"].has_more], [10, true]);
    const all = await readAll(simulator, `/v1/subscription_items?subscription=${sub["id"]}`);
    counts.add(all.length);
    assert.equal(invoices[0]!["lines"].has_more, true);
    const lines = await readAll(simulator, `/v1/invoices/${invoices[0]!["id"]}/lines`);
    assert.equal(lines.length, all.length);
    for (const { data } of events.filter((event) => event["data"].object.id === sub["id"])) {
      assert.deepEqual([data.object.items.data.length, data.object.items.has_more], [10, true]);
      const was = data.previous_attributes?.items;
      if (was) assert.deepEqual([was.data.length, was.has_more], [10, true]);
    }
    const late = events.filter(({ type, created, data }) =>
      type === "customer.subscription.updated" && data.object.id === sub["id"] &&
      created === changes.at(-1)!.at
    );
    for (const { data } of late) shown.add("items" in data.previous_attributes);
  }
  assert.deepEqual([...shown].sort(), [false, true]);
  assert.deepEqual([...counts].sort(), [12, 25]);
});

Deno.test("the line of a flat fee has a quantity of 0, of 1 or of the units", () => {
  const lines = played("flat_fees").flatMap(({ invoices }) =>
    invoices.filter(({ billing_reason }) => billing_reason !== "subscription_update")
      .flatMap(({ lines }): Body[] =>
        lines.data.filter(({ pricing }: Body) => pricing.unit_amount_decimal === null)
      )
  );
  const quantities = new Set(lines.map(({ quantity }) => quantity));
  for (const quantity of [0, 1, 14]) assert.ok(quantities.has(quantity), String(quantity));
  assert.ok(lines.every(({ amount }) => amount > 0));
  const none = played("no_seats").some(({ invoices }) =>
    invoices.some((invoice) =>
      amounts(invoice).some(([amount, quantity]: number[]) => amount === 0 && quantity === 0)
    )
  );
  assert.ok(none);
});

Deno.test("prorations that waited stand on the next renewal's invoice, as items of the subscription without one of its items", () => {
  const waited = changesOf("pending_proration", "changed_pending").flatMap(({ own, at }) => {
    assert.equal(made(own, at).length, 0);
    const next = own.invoices.find(({ created }) => created > at);
    return next ? [{ own, at, lines: next["lines"].data as Body[] }] : [];
  });
  assert.ok(waited.length > 2);
  for (const { own, at, lines } of waited) {
    const [off, on, whole] = lines;
    assert.deepEqual(lines.map(({ quantity }) => quantity), [4, 7, 7]);
    assert.ok(off!["amount"] < 0 && on!["amount"] > 0);
    for (const { period, parent } of [off!, on!]) {
      assert.deepEqual(period, { start: at, end: whole!["period"].start });
      assert.equal(parent.subscription_item_details, null);
      const { proration, subscription } = parent.invoice_item_details;
      assert.deepEqual([proration, subscription], [true, own.sub["id"]]);
    }
  }
});
