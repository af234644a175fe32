import { percent } from "../numbers.ts";
import { draw, ink, type Picture } from "../pictures/draw.ts";
import { ownPolicy, policyTitle } from "../policy-names.ts";
import type { EvaluatedPolicy, EvaluationResult } from "./evaluation-result.ts";

const ROW_HEIGHT = 30;

/** What every policy saves against MAX, a bar each with its interval; the bound as a line. */
export function savingsOfPolicies(result: EvaluationResult): Picture {
  const runs = result.policies
    .filter((run) => run.policy !== "max" && run.savingVsMax !== null)
    .toSorted((a, b) => a.savingVsMax!.value - b.savingVsMax!.value);
  const max = result.policies.find(({ policy }) => policy === "max");
  const bound = max === undefined || result.oracleKgCo2 === null ? null : 1 - result.oracleKgCo2 / max.kgCo2;
  const name = (run: EvaluatedPolicy) =>
    `${policyTitle(run.policy)}${run.brokenPromises.length > 0 ? " (breaks promises)" : ""}`;
  const said = runs.map((run) => `${name(run)} ${percent(run.savingVsMax!.value)}`).join(", ");
  const alt = `Bar chart of what each policy saves against MAX: ${said}${bound === null ? "" : `, bound ${percent(bound)}`}.`;
  const height = 60 + runs.length * ROW_HEIGHT;
  const colour = (run: EvaluatedPolicy) => {
    if (run.brokenPromises.length > 0) return ink.grid;
    return run.policy === ownPolicy ? ink.green : ink.sky;
  };
  const svg = draw(
    {
      grid: { left: 215, right: 90, top: 12, height: runs.length * ROW_HEIGHT, outerBoundsMode: "none" },
      xAxis: {
        type: "value",
        axisLabel: { color: ink.muted, formatter: (value: number) => `${Math.round(100 * value)} %` },
        splitLine: { lineStyle: { color: ink.grid } },
      },
      yAxis: {
        type: "category",
        data: runs.map(name),
        axisLabel: { color: ink.text },
        axisTick: { show: false },
      },
      series: [
        {
          type: "bar",
          data: runs.map((run) => ({ value: run.savingVsMax!.value, itemStyle: { color: colour(run) } })),
          barWidth: 16,
          label: {
            show: true,
            position: "right",
            distance: 12,
            color: ink.text,
            formatter: ({ dataIndex }) => percent(runs[dataIndex]!.savingVsMax!.value),
          },
          markLine:
            bound === null
              ? { data: [] }
              : {
                  symbol: "none",
                  data: [{ xAxis: bound }],
                  lineStyle: { color: ink.red, width: 1.5, type: "dashed" },
                  label: { formatter: `bound ${percent(bound)}`, color: ink.red },
                },
        },
        {
          type: "custom",
          data: runs.map((run, row) => [...run.savingVsMax!.ci95, row]),
          renderItem: (_, api) => {
            const row = api.value(2);
            const [low, y] = api.coord([api.value(0), row]) as [number, number];
            const [high] = api.coord([api.value(1), row]) as [number, number];
            return {
              type: "line",
              shape: { x1: low, y1: y, x2: high, y2: y },
              style: { stroke: ink.text, lineWidth: 2 },
            };
          },
          encode: { x: [0, 1], y: 2 },
        },
      ],
    },
    height,
    alt,
  );
  return {
    svg,
    alt,
    title: "Carbon saved against MAX",
    caption:
      "Over all cases; black lines are 95 % intervals over start dates. Grey bars broke promises. The dashed line is the oracle's bound.",
  };
}
