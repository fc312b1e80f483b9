/**
 * What Grafana's own types ask of a dashboard, with the options of each kind of panel that is
 * used here. Types alone: nothing of the package is run.
 *
 * @module
 */
import type {
  AnnotationQuery,
  Dashboard,
  FieldConfigSource,
  Panel,
  RowPanel,
} from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts";
import type * as stat from "@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type * as timeseries from "@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

/** As JSON has it: an enum is one of its texts. */
type Plain<T> = T extends string ? `${T}`
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

/** A query, as Prometheus' plugin takes it. */
interface Query {
  readonly refId: string;
  readonly datasource: { readonly type: "prometheus"; readonly uid: string };
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly range: boolean;
}

/** The package lets `custom` have any key besides its own. */
interface FieldsOf<Custom> extends Omit<FieldConfigSource, "defaults"> {
  readonly defaults: Omit<FieldConfigSource["defaults"], "custom"> & { readonly custom?: Custom };
}

type PanelOf<Type extends string, Options, Custom> =
  & Omit<Panel, "type" | "options" | "fieldConfig" | "targets" | "title" | "description">
  & {
    type: Type;
    title: string;
    description: string;
    options: Options;
    fieldConfig: FieldsOf<Custom>;
    targets: Query[];
  };

/** Marks over all panels, as Prometheus' plugin takes them; the package has only Grafana's own. */
type Marks = Omit<AnnotationQuery, "target"> & {
  readonly target: Pick<Query, "refId" | "expr"> & { readonly interval: string };
  readonly titleFormat: string;
  readonly textFormat: string;
};

/** A dashboard of this project. */
export type PlainDashboard = Plain<
  & Omit<Dashboard, "panels" | "annotations">
  & {
    annotations: { list: Marks[] };
    panels: (
      | RowPanel
      | PanelOf<"stat", stat.Options, never>
      | PanelOf<"bargauge", bargauge.Options, never>
      | PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>
    )[];
  }
>;
