import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { CarmError } from "../../records/index.ts";
import { evaluationHtml, evaluationJson, evaluationResult, evaluationTable } from "../../report/index.ts";
import { numberBetween, onSiteSupply, wholeNumber } from "../demo/options.ts";
import { Checkpoint } from "../evaluate/checkpoint.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { evaluationTraces } from "../evaluate/evaluation-traces.ts";
import { type EvaluateOptions, inputFiles, listOf, oneOf, utcDay } from "../evaluate/options.ts";
import { defaultPolicies, policyName } from "../evaluate/policies.ts";

const DEFAULT_CHECKPOINT = "carm-evaluate.jsonl";

/** `carm evaluate`: policies × zones × starts × loads × slacks × seeds on the fast path. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Judge policies on recorded traces against competitors and against the limit")
    .option(
      "--planner <names>",
      "policies to run, comma-separated (default: all but variants)",
      listOf(policyName),
    )
    .option(
      "--zone <zones>",
      "grid zones, comma-separated (default: all that the traces have)",
      listOf(String),
    )
    .option("--from <date>", "first day, UTC (default: a year before --to)", utcDay)
    .option("--to <date>", "last day, UTC: every run has ended by its end (default: the recording's)", utcDay)
    .option("--starts <n>", "starts, evenly spaced over the days (default: 4)", wholeNumber(1, 1000))
    .option("--days <n>", "days of arrivals in a run; two more are there to finish", wholeNumber(1, 60), 7)
    .option("--gpus <n>", "GPUs in the cluster (default: 48; demo: 32)", wholeNumber(8, 1024))
    .option("--load <loads>", "peak request rate: low, high or both", listOf(oneOf("low", "high")), ["low"])
    .option(
      "--slack <factors>",
      "deadline = submission + slack × duration",
      listOf(numberBetween(1, 20)),
      [2],
    )
    .option("--seed <seeds>", "seeds of all that is drawn", listOf(wholeNumber(0, 2_147_483_647)), [1])
    .option(
      "--model-error <n>",
      "how far the machines differ from their profiles: 0, 1, 2",
      wholeNumber(0, 2),
      1,
    )
    .option(
      "--on-site <kind:share>",
      "on-site supply, for example both:0.7 of MAX's mean power",
      onSiteSupply,
    )
    .addOption(
      new Option("--setup <name>", "cluster and jobs").choices(["headroom", "demo"]).default("headroom"),
    )
    .option("--carbon <file>", "intensity: CSV with `timestamp` and a column of g/kWh, plain or .gz")
    .option("--column <name>", "that column (default: gco2_per_kwh)")
    .option("--requests <file>", "request rates: CSV with `timestamp` and a value, plain or .gz")
    .option("--jobs <file>", "jobs: CSV with submit_time, duration_s, num_gpus or arrival_h, length_h, units")
    .option("--profiles <file>", "profiles: a JSON array of carm.profiles records, plain or .gz")
    .option("--quick", "4 zones × 6 starts unless --zone and --starts say otherwise")
    .option("--no-oracle", "leave out the lower bound")
    .option(
      "--export-problem <file>",
      "write each case's problem as carm-oracle/1 JSON (.gz too); with several cases, each to a file named after it",
    )
    .option(
      "--checkpoint <file>",
      `results so far, kept at the end (default: ${DEFAULT_CHECKPOINT}, removed at the end)`,
    )
    .option("--threads <n>", "runs at once (default: as many as there are cores)", wholeNumber(1, 256))
    .option("--json", "print one JSON object and nothing else on standard output")
    .option("--report <file>", "write an HTML report with pictures")
    .addHelpText(
      "after",
      "\nFormats and methods: docs/evaluation.md. CARM_TRACES names a folder of recorded traces.",
    )
    .action(runEvaluate);
}

async function runEvaluate(options: EvaluateOptions): Promise<void> {
  const files = inputFiles(options, process.env["CARM_TRACES"] || undefined);
  if (files.carbon !== undefined && (options.zone?.length ?? 0) > 1) {
    throw new CarmError("ERR_OPTION_INVALID", "--carbon is the intensity of one zone: give --zone one name.");
  }
  const policies = options.planner ?? defaultPolicies;
  const traces = await evaluationTraces(files, options.zone?.[0], options.seed[0]!);
  const checkpoint = new Checkpoint(options.checkpoint ?? DEFAULT_CHECKPOINT);
  const { cases, input } = await evaluate(options, policies, files, traces, checkpoint);
  const result = evaluationResult(cases, policies, input);
  if (options.json === true) process.stdout.write(`${JSON.stringify(evaluationJson(result))}\n`);
  else process.stdout.write(`${evaluationTable(result)}\n`);
  if (options.report !== undefined) await writeReport(options.report, evaluationHtml(result));
  if (options.checkpoint === undefined) checkpoint.remove();
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
