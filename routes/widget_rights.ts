/**
 * What of a widget a visitor may see.
 *
 * @module
 */
import type { Widget } from "../src/widgets/models.ts";
import type { Access } from "./visitor.ts";

/** Widgets that go customer by customer. */
const OF_CUSTOMERS: ReadonlySet<Widget["type"]> = new Set(["activity"]);

/** The widget as a visitor may see it; empty where there is nothing of it for them. */
export function withinRights(widget: Widget, { may }: Access): Widget[] {
  if (OF_CUSTOMERS.has(widget.type) && !may.has("see customers")) return [];
  if (widget.type !== "cohorts" || may.has("export") || !("data" in widget.state)) return [widget];
  const { state } = widget;
  if (!("download" in state.data)) return [widget];
  return [{ ...widget, state: { ...state, data: { ...state.data, download: null } } }];
}
