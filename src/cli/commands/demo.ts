import { Command } from "commander";
import { profileLibrary } from "../../profiles/index.ts";
import { type DemoResult, demoResult, htmlReport, jsonOutput, terminalTable } from "../../report/index.ts";
import { buildScenario, type Scenario, type TraceSet } from "../../simulate/index.ts";
import { type DemoOptions, scenarioOptions } from "../demo/options.ts";
import { Progress } from "../demo/progress.ts";
import { checkReportFile, writeReportFile } from "../demo/report-file.ts";
import { runPolicies } from "../demo/run-policies.ts";
import { addScenarioOptions } from "../demo/scenario-options.ts";
import { loadTraces } from "../demo/traces.ts";

const DEFAULT_REPORT = "carm-report.html";

export function demoCommand(): Command {
  const command = new Command("demo").description(
    "Run the whole of CA-RM on an embedded broker with a simulated cluster, beside the four competitors",
  );
  return addScenarioOptions(command)
    .option("--json", "print one JSON object and nothing else on standard output")
    .option(
      "--report <file>",
      `where to write the HTML report (default: ${DEFAULT_REPORT}; none with --json)`,
    )
    .addHelpText(
      "after",
      "\nCARM_TRACES names a folder of recorded traces; without it, typical days are used.",
    )
    .action(runDemo);
}

async function runDemo(options: DemoOptions): Promise<void> {
  const file = reportFile(options);
  if (file !== undefined) await checkReportFile(file);
  const traces = await loadTraces(process.env["CARM_TRACES"], options.seed);
  const scenario = await buildScenario(scenarioOptions(options), traces, profileLibrary);
  process.stderr.write(`${introduction(options, scenario, traces)}\n`);

  const progress = new Progress(process.stderr, options.planner);
  const runs = await runPolicies(scenario, options.planner, (name, share) => progress.update(name, share));
  progress.end();

  const result = demoResult({
    runs,
    input: runInput(options, scenario, traces),
    provenance: scenario.provenance,
    attribution: traces.attribution,
  });
  await show(options, result);
}

/** Prints a result and writes its report. Throws ERR_OPTION_INVALID if that can't be written. */
export async function show(options: DemoOptions, result: DemoResult): Promise<void> {
  if (options.json === true) process.stdout.write(`${JSON.stringify(jsonOutput(result))}\n`);
  else process.stdout.write(`${terminalTable(result, { colour: process.stdout.isTTY === true })}\n`);
  const file = reportFile(options);
  if (file === undefined) return;
  await writeReportFile(file, htmlReport(result));
  process.stderr.write(`Report: ${file}\n`);
}

/** Where the report goes; undefined if there is none. */
function reportFile({ report, json }: DemoOptions): string | undefined {
  return report ?? (json === true ? undefined : DEFAULT_REPORT);
}

/** What is about to run, in one line. */
export function introduction(options: DemoOptions, scenario: Scenario, traces: TraceSet): string {
  const kind = traces.kind === "recorded" ? "recorded traces" : "typical days (no CARM_TRACES)";
  const day = new Date(options.start).toISOString().slice(0, 10);
  return `${options.days} simulated day${options.days === 1 ? "" : "s"} from ${day} in ${options.zone}: ${options.gpus} GPUs, ${scenario.services.length} services, ${scenario.jobs.length} jobs; ${kind}`;
}

/** What a result says about where it comes from. */
export function runInput(options: DemoOptions, scenario: Scenario, traces: TraceSet): DemoResult["input"] {
  return {
    zone: options.zone,
    start: new Date(options.start).toISOString(),
    days: options.days,
    gpus: options.gpus,
    gpuModel: scenario.cluster.pools[0]?.gpuModel ?? "",
    load: options.load,
    slack: options.slack,
    seed: options.seed,
    modelError: options.modelError,
    onSite: options.onSite === undefined ? null : `${options.onSite.kind}:${options.onSite.share}`,
    traces: traces.kind,
    services: scenario.services.length,
    jobs: scenario.jobs.length,
  };
}
