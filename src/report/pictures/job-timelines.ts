import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from "echarts";
import { policyTitle } from "../policy-names.ts";
import type { JobRun, PolicyRun, Series } from "../run-result.ts";
import { draw, ink, type Picture, plot, points, timeAxis, valueAxis } from "./draw.ts";

const rowHeight = 15;
const top = 130;
/** More rows than this can't be taken in. */
const mostJobsShown = 80;

/** Each job in a row: waiting time as a line, workers as bars of their height, the deadline as a mark. */
export function jobTimelines(run: PolicyRun): Picture {
  const title = "Training jobs";
  const jobs = [...run.jobs].sort((a, b) => a.submittedAt - b.submittedAt).slice(0, mostJobsShown);
  const endsAt = endOf(run.intensity);
  const mostWorkers = Math.max(1, ...jobs.flatMap((job) => job.workers.map((step) => step.workers)));
  const alt =
    `Timelines of the first ${jobs.length} of ${run.jobs.length} training jobs under ${policyTitle(run.policy)}, below the grid intensity: ` +
    `${run.jobsFinished} finished, ${run.deadlineMisses} deadlines missed.`;
  const latest = Math.max(endsAt, ...jobs.map((job) => job.finishedAt ?? 0));
  const window = { min: run.intensity.startsAt, max: latest };
  const bars = jobs.flatMap((job, row) => barsOf(job, row, latest));
  const height = jobs.length * rowHeight;
  const svg = draw(
    {
      grid: [plot(30, 70, 110), plot(top, height, 110)],
      xAxis: [
        { ...timeAxis(0, false), ...window },
        { ...timeAxis(1), ...window },
      ],
      yAxis: [
        { ...valueAxis("g CO2/kWh", 0), splitNumber: 2 },
        {
          type: "category",
          gridIndex: 1,
          inverse: true,
          data: jobs.map((job) => `${job.job}${job.deadlineMissed ? "  LATE" : ""}`),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { color: ink.muted, fontSize: 10, interval: 0, width: 100, overflow: "truncate" },
          splitLine: { show: true, lineStyle: { color: ink.grid } },
        },
      ],
      series: [
        {
          type: "line",
          step: "end",
          data: points(run.intensity),
          symbol: "none",
          lineStyle: { color: ink.muted, width: 1.5 },
          areaStyle: { color: ink.muted, opacity: 0.22 },
        },
        custom(
          jobs.map((job, row) => [row, job.submittedAt, job.finishedAt ?? latest]),
          drawLife,
        ),
        custom(bars, (api) => drawBar(api, mostWorkers)),
        custom(
          jobs.flatMap((job, row) =>
            job.deadlineAt === null ? [] : [[row, job.deadlineAt, Number(job.deadlineMissed)]],
          ),
          drawDeadline,
        ),
      ],
    },
    top + height + 30,
    alt,
  );
  const caption =
    `A row a job, the first ${jobs.length} of ${run.jobs.length}. Grey line: submitted and not finished; bar: running, its height the workers (full height ${mostWorkers}); ` +
    "upright mark: deadline, a red cross if it was missed. Above, the intensity of the grid.";
  return { svg, alt, title, caption };
}

/** [row, from, to, workers] of each stretch in which a job ran. */
function barsOf(job: JobRun, row: number, latest: number): number[][] {
  return job.workers.flatMap((step, i) => {
    const to = job.workers[i + 1]?.at ?? job.finishedAt ?? latest;
    return step.workers > 0 && to > step.at ? [[row, step.at, to, step.workers]] : [];
  });
}

function endOf(series: Series): number {
  return series.startsAt + series.values.length * series.stepMs;
}

function custom(data: number[][], render: (api: CustomSeriesRenderItemAPI) => CustomSeriesRenderItemReturn) {
  return {
    type: "custom" as const,
    xAxisIndex: 1,
    yAxisIndex: 1,
    clip: true,
    data,
    encode: { x: [1], y: 0 },
    renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => render(api),
  };
}

/** Pixel of a moment in a row; y is the middle of the row. */
function pixel(api: CustomSeriesRenderItemAPI, dimension: number): { x: number; y: number } {
  const [x, y] = api.coord([api.value(dimension), api.value(0)]);
  return { x: x!, y: y! };
}

function drawLife(api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
  const from = pixel(api, 1);
  const to = pixel(api, 2);
  const base = from.y + rowHeight / 2 - 2;
  return {
    type: "line",
    shape: { x1: from.x, y1: base, x2: to.x, y2: base },
    style: { stroke: ink.muted, lineWidth: 1.2 },
  };
}

function drawBar(api: CustomSeriesRenderItemAPI, mostWorkers: number): CustomSeriesRenderItemReturn {
  const from = pixel(api, 1);
  const to = pixel(api, 2);
  const height = 2 + ((rowHeight - 4) * Number(api.value(3))) / mostWorkers;
  const bottom = from.y + rowHeight / 2 - 1;
  return {
    type: "rect",
    shape: { x: from.x, y: bottom - height, width: Math.max(1, to.x - from.x - 0.5), height },
    style: { fill: ink.green },
  };
}

function drawDeadline(api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
  const { x, y } = pixel(api, 1);
  const half = rowHeight / 2 - 1;
  if (Number(api.value(2)) === 0) {
    return {
      type: "line",
      shape: { x1: x, y1: y - half, x2: x, y2: y + half },
      style: { stroke: ink.text, lineWidth: 1.8 },
    };
  }
  const arm = half - 1.5;
  return {
    type: "path",
    shape: {
      pathData: `M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x - arm} ${y + arm}L${x + arm} ${y - arm}`,
    },
    style: { stroke: ink.red, fill: "none", lineWidth: 2.2 },
  };
}
