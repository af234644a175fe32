import { carmDashboard } from "./dashboard.ts";
import { chosen, type Panel, withPanels } from "./panels.ts";

const panels: readonly Panel[] = [
  {
    kind: "stat",
    title: "Emitted",
    description:
      "Carbon of the chosen time, hours with a final intensity only. Hours are stated when they are over.",
    unit: "massg",
    queries: [{ expr: `sum(increase(carm_emissions_grams_total{${chosen}}[$__range]))`, legend: "final" }],
  },
  {
    kind: "stat",
    title: "Still provisional",
    description: "Carbon of hours whose intensity is a forecast until the grid's figure comes.",
    unit: "massg",
    queries: [{ expr: `sum(carm_emissions_provisional_grams{${chosen}})`, legend: "provisional" }],
  },
  {
    kind: "stat",
    title: "Energy",
    description: "Energy of the GPUs in the chosen time, PUE left out.",
    unit: "joule",
    queries: [{ expr: `sum(increase(carm_energy_joules_total{${chosen}}[$__range]))`, legend: "energy" }],
  },
  {
    kind: "stat",
    title: "Power now",
    description: "All GPUs of the latest samples.",
    unit: "watt",
    queries: [{ expr: `sum(carm_gpu_power_watts{${chosen}})`, legend: "power" }],
  },
  {
    kind: "timeseries",
    title: "Grid intensity",
    description: "Newest intensity of the grid, by what it rests on.",
    unit: "none",
    queries: [
      { expr: `carm_grid_intensity_grams_per_kwh{${chosen}}`, legend: "{{cluster}} {{kind}}, g/kWh" },
    ],
  },
  {
    kind: "timeseries",
    title: "Carbon by subject",
    description: "Grams an hour, as hours are stated: jobs, each service, idle GPUs.",
    unit: "massg",
    queries: [
      {
        expr: `sum by (cluster, subject, service) (increase(carm_emissions_grams_total{${chosen}}[1h]))`,
        legend: "{{cluster}} {{subject}} {{service}}",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Power by pool",
    description: "Power of the GPUs of each pool.",
    unit: "watt",
    queries: [{ expr: `carm_gpu_power_watts{${chosen}}`, legend: "{{cluster}} {{pool}}" }],
  },
  {
    kind: "timeseries",
    title: "Carbon expected of the plan",
    description: "What the plan in force expects of all jobs until they are finished, idle power left out.",
    unit: "massg",
    queries: [{ expr: `carm_plan_expected_grams{${chosen}}`, legend: "{{cluster}}" }],
  },
];

export default withPanels(
  carmDashboard("carm-carbon", "CA-RM: Carbon", "What the clusters emit, and on which grid."),
  panels,
);
