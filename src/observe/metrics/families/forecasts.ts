import type { FleetView } from "../../view/fleet-view.ts";
import type { Family } from "../family.ts";
import { perCluster, seconds } from "./per-cluster.ts";

const leads = ["cluster", "lead_hours"];

/** What was expected, and how it turned out. */
export const forecastFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_forecast_issued_timestamp_seconds",
    help: "When the newest forecast was issued.",
    type: "gauge",
    labels: ["cluster", "quantity", "subject"],
    samples: perCluster(function* ({ forecasts }) {
      for (const { quantity, subject, observedAt } of forecasts.values()) {
        yield [{ quantity, subject }, seconds(observedAt)];
      }
    }),
  },
  {
    name: "carm_forecast_intensity_grams_per_kwh",
    help: "Carbon intensity expected in 1, 6 and 24 hours, by quantile.",
    type: "gauge",
    labels: [...leads, "level"],
    samples: perCluster(function* ({ forecasts }) {
      for (const { quantity, levels, values, stepMs } of forecasts.values()) {
        if (quantity !== "grid_intensity") continue;
        for (const [index, level] of levels.entries()) {
          for (const leadHours of [1, 6, 24]) {
            const value = values[index]?.[Math.round((leadHours * 3_600_000) / stepMs) - 1];
            if (value !== undefined) {
              yield [{ lead_hours: String(leadHours), level: String(level) }, value];
            }
          }
        }
      }
    }),
  },
  {
    name: "carm_forecast_scored_total",
    help: "Measured hours that had been forecast, by lead.",
    type: "counter",
    labels: leads,
    samples: perCluster(({ forecastScore }) =>
      forecastScore.leads.map(({ leadHours, hours }) => [{ lead_hours: String(leadHours) }, hours]),
    ),
  },
  {
    name: "carm_forecast_covered_total",
    help: "Of those, hours whose intensity lay within the outermost quantiles that are published.",
    type: "counter",
    labels: leads,
    samples: perCluster(({ forecastScore }) =>
      forecastScore.leads.map(({ leadHours, covered }) => [{ lead_hours: String(leadHours) }, covered]),
    ),
  },
  {
    name: "carm_forecast_absolute_error_grams_per_kwh_total",
    help: "Sum of the absolute errors of the median forecast; over carm_forecast_actual_grams_per_kwh_total it is the relative error.",
    type: "counter",
    labels: leads,
    samples: perCluster(({ forecastScore }) =>
      forecastScore.leads.map(({ leadHours, absoluteError }) => [
        { lead_hours: String(leadHours) },
        absoluteError,
      ]),
    ),
  },
  {
    name: "carm_forecast_actual_grams_per_kwh_total",
    help: "Sum of the intensities measured in hours that had been forecast.",
    type: "counter",
    labels: leads,
    samples: perCluster(({ forecastScore }) =>
      forecastScore.leads.map(({ leadHours, actual }) => [{ lead_hours: String(leadHours) }, actual]),
    ),
  },
];
