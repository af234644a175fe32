import { Histogram, type Registry } from "prom-client";
import { FleetView } from "../view/fleet-view.ts";
import { decisionFamilies } from "./families/decisions.ts";
import { emissionFamilies } from "./families/emissions.ts";
import { forecastFamilies } from "./families/forecasts.ts";
import { gpuFamilies } from "./families/gpus.ts";
import { jobFamilies } from "./families/jobs.ts";
import { serviceFamilies } from "./families/services.ts";
import { type Family, registerFamilies } from "./family.ts";

/** Everything that is read off a view of the log. */
export const fleetFamilies: readonly Family<FleetView>[] = [
  ...emissionFamilies,
  ...jobFamilies,
  ...serviceFamilies,
  ...gpuFamilies,
  ...decisionFamilies,
  ...forecastFamilies,
  {
    name: "carm_dead_letters_total",
    help: "Records that could not be used, by the code of the reason.",
    type: "counter",
    labels: ["reason"],
    *samples({ deadLetters }) {
      for (const [reason, count] of deadLetters) yield [{ reason }, count];
    },
  },
];

/** A view whose state is shown by `registry` whenever it is scraped. */
export function observedFleet(registry: Registry): FleetView {
  const lag = new Histogram({
    name: "carm_actuation_lag_seconds",
    help: "Time from a decision to the report that it was applied.",
    labelNames: ["cluster"],
    buckets: [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300],
    registers: [registry],
  });
  const fleet = new FleetView({ onApplied: (cluster, lagSeconds) => lag.observe({ cluster }, lagSeconds) });
  registerFamilies(registry, fleetFamilies, fleet);
  return fleet;
}
