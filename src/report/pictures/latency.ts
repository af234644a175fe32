import { percent } from "../numbers.ts";
import { maxPolicy, policyTitle } from "../policy-names.ts";
import { overTargetShare } from "../promises.ts";
import type { PolicyRun, Series, ServiceRun } from "../run-result.ts";
import { draw, ink, legend, type Picture, plot, points, timeAxis, valueAxis } from "./draw.ts";

const rowHeight = 130;
/** Per cent of the target beyond which latency is cut off, so that the rest can be read. */
const mostShown = 300;

/** Latency quantile of each service as a share of its target, a row a service, with MAX's behind it. */
export function latencyAgainstTarget(run: PolicyRun, max: PolicyRun | undefined): Picture {
  const title = "Latency against target";
  const own = policyTitle(run.policy);
  const reference = max !== undefined && run.policy !== maxPolicy ? max : undefined;
  const alt = `Latency of each service against its target under ${own}: ${run.services
    .map((service) => `${describe(service)}, ${percent(overTargetShare(service), 2)} of requests over it`)
    .join("; ")}.`;
  const grids = run.services.map((_, i) => plot(60 + i * rowHeight, 80));
  const svg = draw(
    {
      legend: legend([own, ...(reference ? ["MAX"] : []), "target"]),
      title: run.services.map((service, i) => ({
        text: describe(service),
        left: 50,
        top: 28 + i * rowHeight,
        textStyle: { fontSize: 12, fontWeight: "bold", color: ink.text },
      })),
      grid: grids,
      xAxis: run.services.map((_, i) => timeAxis(i, i === run.services.length - 1)),
      yAxis: run.services.map((_, i) => ({
        ...valueAxis("", i),
        min: 0,
        max: (range: { max: number }) => Math.min(mostShown, Math.max(100, 20 * Math.ceil(range.max / 20))),
        splitNumber: 2,
        axisLabel: { color: ink.muted, formatter: "{value} %" },
      })),
      series: run.services.flatMap((service, i) => [
        ...maxLine(reference, service, i),
        line(own, i, shareOfTarget(service), { color: ink.green, width: 1.8, type: "solid" }),
        line("target", i, targetLine(service.latencyMs), { color: ink.red, width: 1.8, type: [6, 4] }),
      ]),
    },
    40 + run.services.length * rowHeight,
    alt,
  );
  const caption = `The promised quantile of latency as a share of the target; 100 % is the target, and above ${mostShown} % it is cut off.`;
  return { svg, alt, title, caption };
}

function maxLine(max: PolicyRun | undefined, service: ServiceRun, row: number) {
  const same = max?.services.find((other) => other.service === service.service);
  return same === undefined
    ? []
    : [line("MAX", row, shareOfTarget(same), { color: ink.muted, width: 1.2, type: [2, 2] })];
}

function line(
  name: string,
  row: number,
  series: Series,
  look: { color: string; width: number; type: "solid" | number[] },
) {
  return {
    type: "line" as const,
    name,
    xAxisIndex: row,
    yAxisIndex: row,
    data: points(series),
    symbol: "none",
    lineStyle: look,
    itemStyle: { color: look.color },
  };
}

function shareOfTarget(service: ServiceRun): Series {
  const share = (value: number | null) => (value === null ? null : (100 * value) / service.latencyTargetMs);
  return { ...service.latencyMs, values: service.latencyMs.values.map(share) };
}

function targetLine(like: Series): Series {
  return { ...like, values: like.values.map(() => 100) };
}

function describe(service: ServiceRun): string {
  return `${service.service}: p${Number((100 * service.latencyQuantile).toFixed(2))} within ${service.latencyTargetMs} ms`;
}
