import { percent } from "../numbers.ts";
import { draw, ink, type Picture } from "../pictures/draw.ts";
import { policyTitle } from "../policy-names.ts";
import type { EvaluationPart, EvaluationResult } from "./evaluation-result.ts";

const shown = [
  { policy: "ca-rm", colour: ink.green, symbol: "circle" },
  { policy: "energy-only", colour: ink.blue, symbol: "rect" },
  { policy: "power-cap", colour: ink.orange, symbol: "triangle" },
  { policy: "carbon-scaler", colour: ink.purple, symbol: "diamond" },
] as const;
const ROW_HEIGHT = 26;

/** What a few policies and the bound save against MAX in each zone. */
export function savingsByZone(result: EvaluationResult): Picture {
  const zones = result.zones.toSorted((a, b) => (savingIn(a, "ca-rm") ?? 0) - (savingIn(b, "ca-rm") ?? 0));
  const policies = shown.filter(({ policy }) => result.policies.some((run) => run.policy === policy));
  const said = zones.map((zone) => `${zone.name} ${percent(savingIn(zone, "ca-rm"))}`).join(", ");
  const alt = `Dot chart of savings against MAX by zone. CA-RM: ${said}.`;
  const series = policies.map(({ policy, colour, symbol }) => ({
    name: policyTitle(policy),
    colour,
    symbol,
    values: zones.map((zone) => savingIn(zone, policy)),
  }));
  if (result.oracleKgCo2 !== null) {
    series.push({
      name: "Oracle (bound)",
      colour: ink.red as never,
      symbol: "pin" as never,
      values: zones.map(boundIn),
    });
  }
  const svg = draw(
    {
      legend: { top: 0, left: 110, itemGap: 34, textStyle: { color: ink.text, fontSize: 12.5 } },
      grid: { left: 125, right: 40, top: 34, height: zones.length * ROW_HEIGHT, outerBoundsMode: "none" },
      xAxis: {
        type: "value",
        axisLabel: { color: ink.muted, formatter: (value: number) => `${Math.round(100 * value)} %` },
        splitLine: { lineStyle: { color: ink.grid } },
      },
      yAxis: {
        type: "category",
        data: zones.map(({ name }) => name),
        axisLabel: { color: ink.text },
        splitLine: { show: true, lineStyle: { color: ink.grid } },
      },
      series: series.map(({ name, colour, symbol, values }) => ({
        type: "scatter",
        name,
        symbol,
        symbolSize: 10,
        itemStyle: { color: colour },
        data: values.flatMap((value, row) => (value === null ? [] : [[value, row]])),
      })),
    },
    70 + zones.length * ROW_HEIGHT,
    alt,
  );
  return { svg, alt, title: "Carbon saved against MAX, by zone", caption: "Over all starts of a zone." };
}

function savingIn(zone: EvaluationPart, policy: string): number | null {
  return zone.policies.find((run) => run.policy === policy)?.savingVsMax?.value ?? null;
}

function boundIn(zone: EvaluationPart): number | null {
  const max = zone.policies.find(({ policy }) => policy === "max");
  return max === undefined || zone.oracleKgCo2 === null ? null : 1 - zone.oracleKgCo2 / max.kgCo2;
}
