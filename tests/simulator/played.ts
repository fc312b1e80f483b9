/** A company with every case, as it is served, for the tests of its cases. */
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Body, readAll } from "./support.ts";

export const NOW = 1_795_500_000;
export const DAY = 86_400;

const company = createCompany({ seed: 3, customers: 800, now: NOW, cases: "all" });
export const simulator = createSimulator({ source: company.source });

const EXPAND = "expand[]=data.discounts&expand[]=data.items.data.discounts";
export const [subscriptions, invoices, events] = await Promise.all([
  readAll(simulator, `/v1/subscriptions?status=all&${EXPAND}`),
  readAll(simulator, "/v1/invoices?expand[]=data.lines.data.discounts"),
  readAll(simulator, "/v1/events"),
]);

export const lives = Map.groupBy(company.trueLives(), ({ script }) => script);
const bySub = Map.groupBy(invoices, ({ parent }) => parent.subscription_details.subscription);

/** The subscriptions of a case, each with its invoices, oldest first. */
export function played(name: string) {
  return lives.get(name)!.map(({ subscription, changes }) => ({
    sub: subscriptions.find(({ id }) => id === subscription)!,
    invoices: (bySub.get(subscription) ?? []).toReversed(),
    changes,
  }));
}

export function changesOf(
  name: string,
  cause: string,
): { own: ReturnType<typeof played>[number]; at: number }[] {
  return played(name).flatMap((own) =>
    own.changes.filter((change) => change.cause === cause).map(({ at }) => ({ own, at }))
  );
}

export const made = (own: { invoices: Body[] }, at: number) =>
  own.invoices.filter(({ created }) => created === at);

export const amounts = (invoice: Body) =>
  invoice["lines"].data.map((line: Body) => [line["amount"], line["quantity"]]);
