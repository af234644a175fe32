import type { BacktestResult } from "./backtest.ts";
import type { Feed } from "./feed.ts";
import { errorByLead, forecastAgainstActual } from "./pictures.ts";
import type { SeriesReport, ZonesReport } from "./result.ts";
import { backtestTable } from "./table.ts";

/** A backtested series with what its pictures need. */
export interface BacktestedSeries {
  readonly report: SeriesReport;
  readonly result: BacktestResult;
  readonly feed: Feed;
}

const style =
  "body{font:15px/1.5 system-ui,sans-serif;max-width:1040px;margin:2em auto;padding:0 1em;color:#222}" +
  "pre{overflow-x:auto;font-size:13px}figure{margin:1em 0}svg{max-width:100%;height:auto}";

/** One page that holds all it shows: no script, nothing to fetch. */
export function backtestPage(
  all: readonly BacktestedSeries[],
  report: ZonesReport,
  notes: readonly string[],
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>CA-RM forecast backtest</title><style>${style}</style></head>
<body><h1>Forecast backtest</h1>
<p>Four numbers in a cell are days 1 to 4. Each forecast saw only what had arrived before it was issued.</p>
<pre>${escapeHtml(backtestTable(report))}</pre>
${all.map(section).join("\n")}
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("\n")}
</body></html>
`;
}

function section({ report, result, feed }: BacktestedSeries): string {
  const sample = result.kept[0];
  const forecast =
    sample === undefined
      ? ""
      : `<figure>${forecastAgainstActual(sample, feed.truth)}
<figcaption>The forecast issued at ${new Date(sample.issuedAt).toISOString().slice(0, 16)}Z, and what came.</figcaption></figure>`;
  return `<h2>${escapeHtml(report.zone)}</h2>
<figure>${errorByLead(result)}<figcaption>Mean absolute error by hours ahead.</figcaption></figure>
${forecast}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
