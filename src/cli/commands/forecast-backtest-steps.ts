import { Command, InvalidArgumentError } from "commander";
import { CarmError } from "../../records/index.ts";
import { utcDate } from "../forecast-backtest/options.ts";
import { progress } from "../forecast-backtest/progress.ts";
import { stepBacktest } from "../forecast-steps/step-backtest.ts";
import { readStepSeries } from "../forecast-steps/step-series.ts";
import { stepTable } from "../forecast-steps/step-table.ts";

interface StepOptions {
  readonly requests?: string;
  readonly carbon?: string;
  readonly column?: string;
  readonly window: number;
  readonly from?: number;
  readonly json?: boolean;
}

/** Without --from, scoring starts after this share of the series. */
const LEARN_SHARE = 0.3;

/** `carm forecast backtest-steps`: the next minutes to days of a series at its own resolution. */
export function forecastBacktestStepsCommand(): Command {
  return new Command("backtest-steps")
    .description(
      "Replay requests or intensity at their own resolution and score every lead from minutes to days",
    )
    .option(
      "--requests <series>",
      "servegen-m-large, servegen-m-mid, servegen-m-small, wikipedia or azure of CARM_TRACES, or a CSV file with a timestamp column, plain or .gz",
    )
    .option("--carbon <file>", "a CSV file of intensity, of any resolution down to 5 minutes, instead")
    .option("--column <name>", "column of the file (default: requests_per_s, or gco2_per_kwh)")
    .option("--window <seconds>", "for azure, which lists single requests: length of a window", seconds, 10)
    .option("--from <date>", "first day to score, UTC (default: after 30 % of the series)", utcDate)
    .option("--json", "print one JSON object and nothing else on standard output")
    .action(run);
}

async function run(options: StepOptions): Promise<void> {
  const series = await readStepSeries(
    { ...options, windowSeconds: options.window },
    process.env["CARM_TRACES"],
  );
  const lengthMs = series.values.length * series.stepMs;
  const fromMs =
    options.from ?? series.fromMs + Math.ceil((LEARN_SHARE * lengthMs) / series.stepMs) * series.stepMs;
  if (fromMs < series.fromMs || fromMs >= series.fromMs + lengthMs) {
    const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
    throw new CarmError(
      "ERR_OPTION_INVALID",
      `--from must lie within the series, which runs from ${day(series.fromMs)} to ${day(series.fromMs + lengthMs)}.`,
    );
  }
  const result = stepBacktest(series, fromMs, progress(series.name));
  process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : `${stepTable(result)}\n`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 3600 && 3600 % value === 0) return value;
  throw new InvalidArgumentError("Give a whole number of seconds that divides an hour.");
}
