import * as echarts from "echarts";
import type { SeriesForecast } from "../../forecast/index.ts";
import type { BacktestResult } from "./backtest.ts";
import { HOUR_MS } from "./feed.ts";
import { LEADS, type Scores } from "./scores.ts";

const size = { width: 1000, height: 320 };
/** Okabe and Ito: told apart by colour-blind readers. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#888888"];

/** Mean absolute error by hours ahead, of every method. */
export function errorByLead(result: BacktestResult): string {
  const lines: [string, Scores][] = [["carm", result.model]];
  if (result.published !== undefined) lines.push(["published", result.published]);
  lines.push(["persistence", result.persistence], ["same hour last week", result.seasonalNaive]);
  return draw({
    legend: { top: 0 },
    xAxis: { type: "category", data: Array.from({ length: LEADS }, (_, i) => i + 1), name: "hours ahead" },
    yAxis: { type: "value", name: "MAE, g/kWh" },
    series: lines.map(([name, scores]) => ({
      name,
      type: "line",
      showSymbol: false,
      data: Array.from(scores.absolute, (sum, i) => round(sum / scores.count[i]!)),
    })),
  });
}

/** One forecast with its 90 % interval, and what came. */
export function forecastAgainstActual(forecast: SeriesForecast, truth: ReadonlyMap<number, number>): string {
  const at = (i: number): number => forecast.startsAt + i * HOUR_MS;
  const line = (level: number): number[] =>
    Array.from(forecast.values[forecast.levels.indexOf(level)]!, round);
  const low = line(0.05);
  const high = line(0.95);
  const band = {
    type: "line" as const,
    stack: "band",
    showSymbol: false,
    lineStyle: { opacity: 0 },
    silent: true,
  };
  return draw({
    legend: { top: 0, data: ["median", "90 % interval", "actual"] },
    xAxis: { type: "time" },
    yAxis: { type: "value", name: "g/kWh" },
    series: [
      { ...band, name: "low", data: low.map((value, i) => [at(i), value]) },
      {
        ...band,
        name: "90 % interval",
        itemStyle: { color: "#9ecae1" },
        areaStyle: { color: "#9ecae1", opacity: 0.5 },
        data: high.map((value, i) => [at(i), round(value - low[i]!)]),
      },
      { name: "median", type: "line", showSymbol: false, data: line(0.5).map((value, i) => [at(i), value]) },
      {
        name: "actual",
        type: "line",
        showSymbol: false,
        data: low.map((_, i) => [at(i), round(truth.get(at(i)) ?? Number.NaN)]),
      },
    ],
  });
}

function draw(option: echarts.EChartsCoreOption): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption({
    animation: false,
    useUTC: true,
    color: colours,
    grid: { left: 60, right: 80 },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
