import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { CarmError } from "../../records/index.ts";
import { backtest } from "../forecast-backtest/backtest.ts";
import { readFeed } from "../forecast-backtest/feed.ts";
import { type BacktestedSeries, backtestPage } from "../forecast-backtest/html.ts";
import {
  addZone,
  type BacktestOptions,
  backtestRange,
  checkOptions,
  seed,
  utcDate,
} from "../forecast-backtest/options.ts";
import { progress } from "../forecast-backtest/progress.ts";
import { readPublished } from "../forecast-backtest/published.ts";
import { seriesReport, zonesReport } from "../forecast-backtest/result.ts";
import { type SeriesSource, seriesSources } from "../forecast-backtest/series.ts";
import { spoil } from "../forecast-backtest/spoil.ts";
import { backtestTable } from "../forecast-backtest/table.ts";

const attribution =
  "Data of the zones © Electricity Maps (www.electricitymaps.com), ODbL 1.0; Sundial's forecasts: CarbonX, BSD-3-Clause.";

/** `carm forecast backtest`: how good the intensity forecasts would have been. */
export function forecastBacktestCommand(): Command {
  return new Command("backtest")
    .description("Replay a recording and score a 96 h intensity forecast issued each day at 00:00Z")
    .option("--zone <zone>", "a zone of CARM_TRACES (repeatable; default: all)", addZone, [])
    .option("--carbon <file>", "any CSV file with a timestamp column, plain or .gz, instead of a zone")
    .option(
      "--column <name>",
      "column with g/kWh (default: gco2_per_kwh_direct for zones, else gco2_per_kwh)",
    )
    .option("--from <date>", "first day to score, UTC (the model learns from the first row on)", utcDate)
    .option("--to <date>", "last day to score, UTC", utcDate)
    .option(
      "--published <file>",
      "forecasts to compare with: issued, h00 … h95 (default: Sundial's, for a zone of the traces)",
    )
    .option("--spoil <seed>", "show the model a feed with holes, zeros, spikes, silence and revisions", seed)
    .option("--json", "print one JSON object and nothing else on standard output")
    .option("--report <file>", "also write an HTML page with pictures")
    .action(runBacktest);
}

async function runBacktest(options: BacktestOptions): Promise<void> {
  checkOptions(options);
  const all: BacktestedSeries[] = [];
  for (const source of seriesSources(options, process.env["CARM_TRACES"])) {
    all.push(await backtestSeries(source, options));
  }
  const report = zonesReport(all.map((series) => series.report));
  const single = options.carbon !== undefined || options.zone.length === 1;
  const json = single ? report.zones[0] : report;
  if (options.json === true) process.stdout.write(`${JSON.stringify(json)}\n`);
  else process.stdout.write(`${backtestTable(report)}\n`);
  const notes = options.carbon === undefined ? [attribution] : [];
  if (options.json !== true && notes.length > 0) process.stdout.write(`${notes.join("\n")}\n`);
  if (options.report !== undefined) await writeReport(options.report, backtestPage(all, report, notes));
}

async function backtestSeries(source: SeriesSource, options: BacktestOptions): Promise<BacktestedSeries> {
  const clean = await readFeed(source.file, source.column);
  const range = backtestRange(options, clean);
  const feed = options.spoil === undefined ? clean : spoil(clean, options.spoil);
  const published =
    source.published === undefined
      ? undefined
      : await readPublished(source.published, options.zone[0] ?? source.zone);
  const result = backtest(feed, range, published, progress(source.zone));
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const about = { zone: source.zone, column: source.column, from: day(range.fromMs), to: day(range.toMs) };
  return { report: seriesReport(about, result), result, feed };
}

async function writeReport(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (cause) {
    throw new CarmError("ERR_OPTION_INVALID", `the report can't be written to ${file}: ${String(cause)}`, {
      cause,
    });
  }
  process.stderr.write(`Report: ${file}\n`);
}
