/**
 * A page of tables: the rows behind a figure of money, which add up to it.
 *
 * @module
 */
import type { Choices, Definition, Link, Moment } from "./figure.ts";
import type { Chrome } from "./page.ts";

/** Text, or a link: to a page of ours, or to Stripe's dashboard. */
export type Cell = string | Link;

export interface TableColumn {
  readonly text: string;
  readonly kind?: "number" | "exact";
}

export interface TableModel {
  readonly title?: string;
  readonly note?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sums; the last one is the total. */
  readonly foot?: readonly (readonly Cell[])[];
  /** In the place of rows. */
  readonly empty?: string;
}

/** What a page of tables says; the frame around it is the route's. */
export interface TablesContent {
  readonly title: string;
  readonly definition: Definition;
  /** The figure; `null` where it is not known, or where there are several. */
  readonly total: string | null;
  readonly sub: string;
  /** Why nothing is known. */
  readonly reason?: string;
  readonly filters: readonly Choices[];
  /** The first one is shown in pages. */
  readonly tables: readonly TableModel[];
  readonly downloads: readonly Link[];
}

export interface TablesModel extends TablesContent {
  readonly chrome: Chrome;
  readonly asOf: Moment;
  readonly paging: {
    readonly text: string;
    readonly previous: Link | null;
    readonly next: Link | null;
  } | null;
}
