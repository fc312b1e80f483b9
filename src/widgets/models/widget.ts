/**
 * Every widget: its frame, its state, its content.
 *
 * @module
 */
import type {
  ActivityModel,
  BridgeModel,
  Chart13Model,
  CohortsModel,
  CurrenciesModel,
  FiguresModel,
  HeadModel,
  MetricModel,
  NeedsYouModel,
  PlannedModel,
  PlansModel,
  RetentionModel,
} from "./content.ts";
import type { Definition, WidgetState } from "./figure.ts";
import type { CashModel, FailedPaymentsModel, ForecastModel, RenewalsModel } from "./money.ts";

interface WidgetBase<Type extends string, Data> {
  /** Stable; the fragment is `/api/widgets/{id}`. Letters, digits and `-`. */
  readonly id: string;
  readonly type: Type;
  readonly title: string;
  readonly titleHref?: string;
  readonly hideHeader?: boolean;
  /** The configured `css-class`. */
  readonly cssClass?: string;
  readonly definition?: Definition;
  readonly state: WidgetState<Data>;
}

export type HeadWidget = WidgetBase<"head", HeadModel>;
export type Chart13Widget = WidgetBase<"chart13", Chart13Model>;
export type BridgeWidget = WidgetBase<"bridge", BridgeModel>;
export type MrrMovementsWidget = WidgetBase<
  "mrr-movements",
  { readonly bridge: BridgeModel; readonly months: Chart13Model }
>;
export type PlansWidget = WidgetBase<"plans", PlansModel>;
export type NeedsYouWidget = WidgetBase<"needs-you", NeedsYouModel>;
export type ActivityWidget = WidgetBase<"activity", ActivityModel>;
export type CashWidget = WidgetBase<"cash", CashModel>;
export type RevenueWidget = WidgetBase<"revenue", MetricModel>;
export type CustomersWidget = WidgetBase<"customers", MetricModel>;
export type CurrenciesWidget = WidgetBase<"currencies", CurrenciesModel>;
export type RetentionWidget = WidgetBase<"retention", RetentionModel | PlannedModel>;
export type CohortsWidget = WidgetBase<"cohorts", CohortsModel | PlannedModel>;
export type TrialsWidget = WidgetBase<"trials", FiguresModel | PlannedModel>;
export type FailedPaymentsWidget = WidgetBase<
  "failed-payments",
  FailedPaymentsModel | PlannedModel
>;
export type RenewalsWidget = WidgetBase<"renewals", RenewalsModel | PlannedModel>;
export type ForecastWidget = WidgetBase<"forecast", ForecastModel | PlannedModel>;

export type Widget =
  | HeadWidget
  | Chart13Widget
  | BridgeWidget
  | MrrMovementsWidget
  | PlansWidget
  | NeedsYouWidget
  | ActivityWidget
  | CashWidget
  | RevenueWidget
  | CustomersWidget
  | CurrenciesWidget
  | RetentionWidget
  | CohortsWidget
  | TrialsWidget
  | FailedPaymentsWidget
  | RenewalsWidget
  | ForecastWidget;

export type WidgetType = Widget["type"];
