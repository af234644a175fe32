import { policyTitle } from "../policy-names.ts";
import type { PolicyRun, Series } from "../run-result.ts";
import { draw, ink, legend, type Picture, plot, points, timeAxis, valueAxis } from "./draw.ts";

interface Look {
  readonly color: string;
  readonly type: "solid" | number[];
  readonly width: number;
}

const serviceLooks: readonly Look[] = [
  { color: ink.blue, type: "solid", width: 1.8 },
  { color: ink.orange, type: [8, 3], width: 1.8 },
  { color: ink.purple, type: [2, 2], width: 1.8 },
];

/** Grid intensity above, core clocks of each service and of training below, on one time axis. */
export function intensityAndClocks(run: PolicyRun): Picture {
  const title = "Grid intensity and core clocks";
  const clocks = run.services.map((service, i) => ({
    name: service.service,
    series: service.clockMhz,
    look: serviceLooks[i % serviceLooks.length]!,
  }));
  clocks.push({
    name: "training (mean)",
    series: run.trainingClockMhz,
    look: { color: ink.green, type: "solid", width: 2.6 },
  });
  const alt =
    `Two charts over time under ${policyTitle(run.policy)}: grid intensity ${rangeOf(run.intensity)} g/kWh; ` +
    `core clocks in MHz: ${clocks.map((clock) => `${clock.name} ${rangeOf(clock.series)}`).join(", ")}.`;
  const svg = draw(
    {
      legend: legend(clocks.map((clock) => clock.name)),
      grid: [plot(52, 110), plot(207, 180)],
      xAxis: [timeAxis(0, false), timeAxis(1)],
      yAxis: [valueAxis("g CO2/kWh", 0), { ...valueAxis("MHz", 1), scale: true }],
      series: [
        {
          type: "line",
          name: "intensity",
          step: "end",
          data: points(run.intensity),
          symbol: "none",
          lineStyle: { color: ink.muted, width: 1.5 },
          areaStyle: { color: ink.muted, opacity: 0.22 },
        },
        ...clocks.map((clock) => ({
          type: "line" as const,
          name: clock.name,
          xAxisIndex: 1,
          yAxisIndex: 1,
          step: "end" as const,
          data: points(clock.series),
          symbol: "none",
          lineStyle: clock.look,
          itemStyle: { color: clock.look.color },
        })),
      ],
    },
    420,
    alt,
  );
  const caption =
    "Above, what a kWh from the grid emits. Below, the clock each service's GPUs are locked at, and the mean clock of " +
    "the GPUs that train; a gap means that nothing trained.";
  return { svg, alt, title, caption };
}

export function rangeOf(series: Series): string {
  const values = series.values.filter((value) => value !== null);
  if (values.length === 0) return "without values";
  return `${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))}`;
}
