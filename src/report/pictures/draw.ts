import { CustomChart, type CustomSeriesOption, LineChart, type LineSeriesOption } from "echarts/charts";
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
import type { Series } from "../run-result.ts";

use([
  CustomChart,
  GridComponent,
  LabelLayout,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  SVGRenderer,
  TitleComponent,
]);

export type PictureOption = ComposeOption<
  CustomSeriesOption | GridComponentOption | LegendComponentOption | LineSeriesOption | TitleComponentOption
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
    textStyle: { fontFamily: "inherit", color: ink.text },
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

export function timeAxis(gridIndex = 0, labelled = true) {
  return {
    type: "time" as const,
    gridIndex,
    axisLine: { lineStyle: { color: ink.muted } },
    axisTick: { show: labelled },
    axisLabel: { show: labelled, color: ink.muted, hideOverlap: true, formatter: timeLabels },
    splitLine: { show: true, lineStyle: { color: ink.grid } },
  };
}

const timeLabels = { month: "{d} {MMM}", day: "{d} {MMM}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" };

export function valueAxis(name: string, gridIndex = 0) {
  return {
    type: "value" as const,
    gridIndex,
    name,
    nameTextStyle: { color: ink.muted, align: "left" as const, padding: [0, 0, 0, -40] },
    axisLabel: { color: ink.muted },
    splitLine: { lineStyle: { color: ink.grid } },
    splitNumber: 3,
  };
}

export function legend(names: readonly string[]): LegendComponentOption {
  return {
    data: [...names],
    top: 0,
    right: 0,
    itemWidth: 34,
    itemHeight: 10,
    textStyle: { color: ink.text },
    lineStyle: { width: 2 },
  };
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
