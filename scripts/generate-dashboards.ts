import { mkdir, writeFile } from "node:fs/promises";
import carbon from "../grafana/source/carbon.ts";
import decisions from "../grafana/source/decisions.ts";
import forecasts from "../grafana/source/forecasts.ts";
import pipeline from "../grafana/source/pipeline.ts";
import sla from "../grafana/source/sla.ts";

/** The dashboards as committed, by file name. */
export function dashboardFiles(): Map<string, string> {
  const dashboards = { carbon, sla, decisions, pipeline, forecasts };
  return new Map(
    Object.entries(dashboards).map(([name, dashboard]) => [
      `${name}.json`,
      `${JSON.stringify(dashboard.build(), null, 2)}\n`,
    ]),
  );
}

if (import.meta.main) {
  const folder = new URL("../grafana/dashboards/", import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of dashboardFiles()) await writeFile(new URL(file, folder), text);
}
