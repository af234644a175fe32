import type { FleetView } from "../../view/fleet-view.ts";
import type { LedgerSum } from "../../view/ledger-totals.ts";
import type { Family, Sample } from "../family.ts";
import { perCluster } from "./per-cluster.ts";

const JOULES_PER_KWH = 3_600_000;
const labels = ["cluster", "subject", "service"];

/** What was used and emitted, read off the ledger: `subject` is job, service or idle. */
export const emissionFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_emissions_grams_total",
    help: "Carbon emitted, grams of CO2 equivalent, of hours whose intensity was measured or estimated.",
    type: "counter",
    labels,
    samples: perCluster((cluster) => sums(cluster.ledger.final(), ({ gco2 }) => gco2)),
  },
  {
    name: "carm_emissions_provisional_grams",
    help: "Carbon of hours whose intensity is still a forecast, grams of CO2 equivalent.",
    type: "gauge",
    labels,
    samples: perCluster((cluster) => sums(cluster.ledger.provisional(), ({ gco2 }) => gco2)),
  },
  {
    name: "carm_energy_joules_total",
    help: "Energy of the GPUs in hours stated as final, joules, PUE left out.",
    type: "counter",
    labels,
    samples: perCluster((cluster) =>
      sums(cluster.ledger.final(), ({ energyKwh }) => energyKwh * JOULES_PER_KWH),
    ),
  },
  {
    name: "carm_training_samples_total",
    help: "Training samples done in hours stated as final.",
    type: "counter",
    labels: ["cluster"],
    samples: perCluster((cluster) => {
      const jobs = cluster.ledger.final().get("job");
      return jobs === undefined ? [] : [[{}, jobs.samples]];
    }),
  },
  {
    name: "carm_grid_intensity_grams_per_kwh",
    help: "Newest carbon intensity of the grid, grams of CO2 equivalent per kilowatt-hour.",
    type: "gauge",
    labels: ["cluster", "zone", "kind"],
    samples: perCluster(({ intensity }) =>
      intensity === undefined ? [] : [[{ zone: intensity.zone, kind: intensity.kind }, intensity.gco2PerKwh]],
    ),
  },
];

function* sums(groups: ReadonlyMap<string, LedgerSum>, value: (sum: LedgerSum) => number): Iterable<Sample> {
  for (const [group, sum] of groups) {
    const [subject = "", ...service] = group.split("/");
    yield [{ subject, service: service.join("/") }, value(sum)];
  }
}
