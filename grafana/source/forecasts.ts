import { carmDashboard } from "./dashboard.ts";
import { chosen, type Panel, withPanels } from "./panels.ts";

const ratio = (over: string, under: string) =>
  `sum by (cluster, lead_hours) (increase(${over}{${chosen}}[$__range])) / sum by (cluster, lead_hours) (increase(${under}{${chosen}}[$__range]))`;

const panels: readonly Panel[] = [
  {
    kind: "stat",
    title: "Relative error",
    description: "Mean absolute error of the median over mean intensity in the chosen time.",
    unit: "percentunit",
    queries: [
      {
        expr: ratio(
          "carm_forecast_absolute_error_grams_per_kwh_total",
          "carm_forecast_actual_grams_per_kwh_total",
        ),
        legend: "{{cluster}} {{lead_hours}} h ahead",
      },
    ],
  },
  {
    kind: "stat",
    title: "Coverage",
    description:
      "Share of hours within the outermost quantiles that are published, 5 to 95 %: 90 % is right.",
    unit: "percentunit",
    queries: [
      {
        expr: ratio("carm_forecast_covered_total", "carm_forecast_scored_total"),
        legend: "{{cluster}} {{lead_hours}} h ahead",
      },
    ],
  },
  {
    kind: "stat",
    title: "Age of the forecast",
    description: "Time since the intensity forecast was issued.",
    unit: "s",
    queries: [
      {
        expr: `time() - carm_forecast_issued_timestamp_seconds{${chosen}, quantity="grid_intensity"}`,
        legend: "{{cluster}}",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Intensity expected in 24 hours",
    description: "Quantiles of the intensity forecast, one day ahead, beside the newest measured value.",
    unit: "none",
    queries: [
      {
        expr: `carm_forecast_intensity_grams_per_kwh{${chosen}, lead_hours="24"}`,
        legend: "{{cluster}} {{level}}, g/kWh",
      },
      { expr: `carm_grid_intensity_grams_per_kwh{${chosen}}`, legend: "{{cluster}} now, g/kWh" },
    ],
  },
  {
    kind: "timeseries",
    title: "Intensity expected in the next hour",
    description: "Quantiles of the intensity forecast, one hour ahead.",
    unit: "none",
    queries: [
      {
        expr: `carm_forecast_intensity_grams_per_kwh{${chosen}, lead_hours="1"}`,
        legend: "{{cluster}} {{level}}, g/kWh",
      },
    ],
  },
];

export default withPanels(
  carmDashboard("carm-forecasts", "CA-RM: Forecasts", "What was expected, and how it turned out."),
  panels,
);
