/**
 * Puts the configured label in the place of a customer's id, on pages only: the JSON interface
 * gives ids.
 *
 * @module
 */
import type { CustomerLabels } from "../src/stripe/customer_labels.ts";
import type { ExplainRow, Link, Widget } from "../src/widgets/models.ts";
import type { AppDeps } from "./deps.ts";

/** A source's labels, for those who may see them. */
function labelsOf({ access, labels }: AppDeps, source: string): CustomerLabels | null {
  return access.may.has("see names") ? labels?.(source) ?? null : null;
}

/** Whether a source's customers are shown by something else than their id. */
export function hasLabels(deps: AppDeps, source: string): boolean {
  return labelsOf(deps, source) !== null;
}

async function labelled<T extends { readonly customer: Link }>(
  deps: AppDeps,
  source: string,
  rows: readonly T[],
): Promise<readonly T[]> {
  const labels = labelsOf(deps, source);
  if (!labels) return rows;
  const names = await labels.of(rows.map(({ customer }) => customer.text));
  return rows.map((row) => {
    const text = names.get(row.customer.text);
    return text === undefined ? row : { ...row, customer: { ...row.customer, text } };
  });
}

export function labelledRows(
  deps: AppDeps,
  source: string,
  rows: readonly ExplainRow[],
): Promise<readonly ExplainRow[]> {
  return labelled(deps, source, rows);
}

/** One customer by its label. */
export async function labelledCustomer(
  deps: AppDeps,
  source: string,
  customer: Link,
): Promise<Link> {
  const [row] = await labelled(deps, source, [{ customer }]);
  return row!.customer;
}

/** A widget that names customers, with their labels. */
export async function labelledWidget(
  deps: AppDeps,
  source: string,
  widget: Widget,
): Promise<Widget> {
  if (widget.type !== "activity" || !("data" in widget.state)) return widget;
  const { data } = widget.state;
  const items = await labelled(deps, source, data.items);
  return { ...widget, state: { ...widget.state, data: { ...data, items } } };
}
