import { number } from "../numbers.ts";
import { policyTitle } from "../policy-names.ts";
import type { PolicyRun } from "../run-result.ts";
import { draw, ink, type Picture, plot, sumPoints, timeAxis, valueAxis } from "./draw.ts";

/** Colour, dash and width of each policy: no two differ by colour alone. */
const looks: { readonly [policy: string]: { color: string; type: "solid" | number[]; width: number } } = {
  "ca-rm": { color: ink.green, type: "solid", width: 3.5 },
  max: { color: ink.text, type: "solid", width: 1.5 },
  min: { color: ink.purple, type: [2, 3], width: 2 },
  "power-cap": { color: ink.blue, type: [8, 4], width: 2 },
  "energy-cost": { color: ink.orange, type: [10, 3, 2, 3], width: 2 },
};
const otherLook = { color: ink.muted, type: [4, 4], width: 2 };

/** Carbon since the start, a line a policy. */
export function cumulativeCarbon(runs: readonly PolicyRun[]): Picture {
  const nameOf = (run: PolicyRun) =>
    `${policyTitle(run.policy)}${run.brokenPromises.length > 0 ? " (breaks promises)" : ""}`;
  const title = "Carbon since the start";
  const alt = `Line chart of kg CO2 since the start. At the end: ${runs
    .map((run) => `${nameOf(run)} ${number(run.kgCo2)} kg`)
    .join(", ")}.`;
  const svg = draw(
    {
      grid: plot(30, 280, 50, 255),
      xAxis: timeAxis(),
      yAxis: valueAxis("kg CO2"),
      series: runs.map((run) => {
        const look = looks[run.policy] ?? otherLook;
        return {
          type: "line",
          name: nameOf(run),
          data: sumPoints(run.cumulativeKgCo2),
          symbol: "none",
          lineStyle: look,
          itemStyle: { color: look.color },
          endLabel: {
            show: true,
            formatter: () => `${number(run.kgCo2)} kg  ${nameOf(run)}`,
            color: ink.text,
            fontWeight: run.policy === "ca-rm" ? "bold" : "normal",
          },
          labelLayout: { moveOverlap: "shiftY" },
        };
      }),
    },
    340,
    alt,
  );
  return {
    svg,
    alt,
    title,
    caption: "kg CO2 of all GPUs, idle power included; the last value is the total.",
  };
}
