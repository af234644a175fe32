import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** Every query asks for what the variables at the top of a dashboard choose. */
export const chosen = 'job=~"$job", instance=~"$instance", cluster=~"$cluster"';
/** The same for metrics of a process rather than of a cluster. */
export const chosenProcess = 'job=~"$job", instance=~"$instance"';

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly kind: "stat" | "timeseries";
  readonly title: string;
  readonly description: string;
  /** A unit id of Grafana. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const datasource = { type: "prometheus", uid: "$datasource" };

/** Adds panels in their order: stats in rows of four, time series in rows of two. */
export function withPanels(dashboard: DashboardBuilder, panels: readonly Panel[]): DashboardBuilder {
  for (const panel of panels) dashboard.withPanel(panel.kind === "stat" ? stat(panel) : timeseries(panel));
  return dashboard;
}

function stat(panel: Panel): StatBuilder {
  return described(new StatBuilder().height(4).span(6), panel);
}

function timeseries(panel: Panel): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .height(9)
    .span(12)
    .fillOpacity(8)
    .showPoints("never" as never);
  return described(builder, panel);
}

function described<B extends StatBuilder | TimeseriesBuilder>(builder: B, panel: Panel): B {
  builder.title(panel.title).description(panel.description).unit(panel.unit).datasource(datasource);
  panel.queries.forEach(({ expr, legend }, index) => {
    const refId = String.fromCharCode(65 + index);
    builder.withTarget(
      new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).datasource(datasource),
    );
  });
  return builder;
}
