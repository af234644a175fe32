import { type MetricDescription, metricDescriptions } from "../../src/observe/index.ts";
import { page, table } from "./markdown.ts";

export function metricsPage(): string {
  const rows = ({ name, type, labels, help }: MetricDescription) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ];
  return page(
    "Metrics",
    "Prometheus metrics, at `/metrics` of each process. Besides these there are Node's own (`process_…`, `nodejs_…`, the delay of the event loop among them).",
    ...metricDescriptions.map(
      ({ source, metrics }) =>
        `## ${source}\n\n${table(["metric", "type", "labels", "meaning"], metrics.map(rows))}`,
    ),
  );
}
