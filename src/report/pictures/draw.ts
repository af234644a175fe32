import {
  BarChart,
  type BarSeriesOption,
  CustomChart,
  type CustomSeriesOption,
  LineChart,
  type LineSeriesOption,
  ScatterChart,
  type ScatterSeriesOption,
} from "echarts/charts";
import {
  GridComponent,
  type GridComponentOption,
  LegendComponent,
  type LegendComponentOption,
  MarkLineComponent,
  TitleComponent,
  type TitleComponentOption,
} from "echarts/components";
import { type ComposeOption, init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { compact } from "../numbers.ts";
import type { Series } from "../run-result.ts";

use([
  BarChart,
  CustomChart,
  GridComponent,
  LabelLayout,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
]);

export type PictureOption = ComposeOption<
  | BarSeriesOption
  | CustomSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | LineSeriesOption
  | ScatterSeriesOption
  | TitleComponentOption
>;

/** A drawing with the words that stand for it where it can't be seen. */
export interface Picture {
  readonly svg: string;
  readonly alt: string;
  readonly caption: string;
  readonly title: string;
}

/** All pictures are this wide, so they line up; the page scales them. */
export const pictureWidth = 1040;

/**
 * Colours to draw with. Each stands for a style variable of the page, put in after drawing, so that one drawing fits
 * a light and a dark page. The series colours are those of Okabe and Ito, told apart by colour-blind readers.
 */
export const ink = {
  text: "#010101",
  muted: "#010102",
  grid: "#010103",
  blue: "#010104",
  orange: "#010105",
  green: "#010106",
  red: "#010107",
  purple: "#010108",
  sky: "#010109",
} as const;

/** An SVG element of `pictureWidth` × `height` with `alt` as its accessible name. */
export function draw(option: PictureOption, height: number, alt: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: pictureWidth, height });
  chart.setOption({
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: "sans-serif", color: ink.text },
    ...option,
  });
  let svg = chart.renderToSVGString();
  chart.dispose();
  for (const [name, colour] of Object.entries(ink)) svg = svg.replaceAll(colour, `var(--${name})`);
  return svg.replace("<svg ", `<svg role="img" aria-label="${escapeAttribute(alt)}" `);
}

/** Points of a series at the starts of its steps, with one more at the end so that a step line covers the last. */
export function points(series: Series): [number, number | null][] {
  const all = series.values.map((value, i): [number, number | null] => [
    series.startsAt + i * series.stepMs,
    value,
  ]);
  const last = series.values.at(-1);
  if (last !== undefined) all.push([series.startsAt + series.values.length * series.stepMs, last]);
  return all;
}

/** Points of a series at the ends of its steps, from 0: for sums. */
export function sumPoints(series: Series): [number, number | null][] {
  return [
    [series.startsAt, 0],
    ...series.values.map((value, i): [number, number | null] => [
      series.startsAt + (i + 1) * series.stepMs,
      value,
    ]),
  ];
}

/** Where the axes of a chart lie; `left` leaves room for labels. */
export function plot(top: number, height: number, left = 50, right = 28): GridComponentOption {
  return { left, right, top, height, outerBoundsMode: "none" };
}

export function timeAxis(gridIndex = 0, labelled = true) {
  return {
    type: "time" as const,
    gridIndex,
    axisLine: { lineStyle: { color: ink.muted } },
    axisTick: { show: labelled },
    axisLabel: { show: labelled, color: ink.muted, hideOverlap: true, formatter: timeLabel },
    splitLine: { show: true, lineStyle: { color: ink.grid } },
  };
}

/** The date at midnight, the hour otherwise; UTC. */
function timeLabel(at: number): string {
  const date = new Date(at);
  const midnight = date.getUTCHours() === 0 && date.getUTCMinutes() === 0;
  const options = midnight
    ? ({ day: "numeric", month: "short" } as const)
    : ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const);
  return date.toLocaleString("en-GB", { ...options, timeZone: "UTC" });
}

export function valueAxis(name: string, gridIndex = 0) {
  return {
    type: "value" as const,
    gridIndex,
    name,
    nameTextStyle: { color: ink.muted, align: "left" as const, padding: [0, 0, 0, -40] },
    axisLabel: { color: ink.muted, formatter: compact },
    splitLine: { lineStyle: { color: ink.grid } },
    splitNumber: 3,
  };
}

/** Names of the series; one with an area is shown as an area. */
export function legend(names: readonly string[], areas: readonly string[] = []): LegendComponentOption {
  return {
    data: [...names, ...areas.map((name) => ({ name, icon: "rect", itemStyle: { opacity: 0.4 } }))],
    // Lines are shown without the dot in their middle.
    itemStyle: { opacity: 0 },
    top: 0,
    left: 45,
    // Text is measured without a font here, so there is room for a wider one.
    itemGap: 34,
    itemWidth: 34,
    itemHeight: 10,
    textStyle: { color: ink.text, fontSize: 12.5 },
    lineStyle: { width: 2.2 },
  };
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
