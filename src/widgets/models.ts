/**
 * View models: what the pages show, and nothing else. The widgets fill them, the views draw them.
 *
 * Figures arrive formatted, as text. Only chart series are numbers (minor units of the currency
 * beside them, for drawing; never summed by a view). Unknown is `null` with a reason, never 0.
 *
 * @module
 */
export type * from "./models/figure.ts";
export type * from "./models/widget.ts";
export type * from "./models/content.ts";
export type * from "./models/money.ts";
export type * from "./models/page.ts";
export type * from "./models/tables.ts";
export type * from "./models/text_pages.ts";
