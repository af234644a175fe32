/** `npm run demo:kafka`: the demo as processes apart, on a broker and a registry that it starts unless there are some. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { introduction, runInput, show } from "../../src/cli/commands/demo.ts";
import { type DemoOptions, scenarioOptions } from "../../src/cli/demo/options.ts";
import { Progress } from "../../src/cli/demo/progress.ts";
import { runPolicies } from "../../src/cli/demo/run-policies.ts";
import { addScenarioOptions } from "../../src/cli/demo/scenario-options.ts";
import { loadTraces } from "../../src/cli/demo/traces.ts";
import { readMeasurements } from "../../src/cli/simulation/read-measurements.ts";
import { createWorlds } from "../../src/cli/simulation/world.ts";
import { openLog } from "../../src/client/index.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import { demoResult, type PolicyMeasurements } from "../../src/report/index.ts";
import { buildScenario, type Scenario } from "../../src/simulate/index.ts";
import { openBrokers } from "../kafka/brokers.ts";
import { compare } from "./compare.ts";
import { CarmProcess } from "./processes.ts";

interface DemoKafkaOptions extends DemoOptions {
  readonly check?: boolean;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

const command = addScenarioOptions(
  new Command("npm run demo:kafka --").description(
    "Runs the demo as processes on Kafka: a replay with the simulated machines, two processors, node agents, scheduler agents",
  ),
)
  .setOptionValueWithSource("days", 1, "default")
  .option("--check", "also run it in one process, and fail unless every figure is within 1 %")
  .option("--json", "print one JSON object and nothing else on standard output")
  .option("--report <file>", "where to write the HTML report (default: carm-report.html; none with --json)")
  .parse();
const options = command.opts<DemoKafkaOptions>();

try {
  const traces = await loadTraces(process.env["CARM_TRACES"], options.seed);
  const scenario = await buildScenario(scenarioOptions(options), traces, profileLibrary);
  say(introduction(options, scenario, traces));
  const runs = await runOnKafka(scenario);
  const input = runInput(options, scenario, traces);
  await show(
    options,
    demoResult({ runs, input, provenance: scenario.provenance, attribution: traces.attribution }),
  );
  if (options.check) await check(scenario, runs);
} catch (error) {
  say(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function runOnKafka(scenario: Scenario): Promise<PolicyMeasurements[]> {
  const brokers = await openBrokers(say);
  if (brokers?.registryUrl === undefined) {
    await brokers?.stop();
    throw new Error(
      "No broker and registry: set KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or install Docker, or a JDK and Maven.",
    );
  }
  const { kafkaBrokers, registryUrl } = brokers;
  say(`Kafka from ${brokers.origin}.`);
  const folder = await mkdtemp(join(tmpdir(), "carm-demo-"));
  try {
    const env = { ...process.env, KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: registryUrl };
    await runProcesses(env, folder);
    say("Reading the log.");
    const { broker, codec } = await openLog({
      brokers: kafkaBrokers.split(","),
      schemaRegistry: registryUrl,
    });
    const runs: PolicyMeasurements[] = [];
    for (const world of createWorlds(scenario, options.planner)) {
      runs.push(await readMeasurements(broker, codec, world));
    }
    await broker.close();
    return runs;
  } finally {
    await brokers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that would run on machines of their own, until the replay has ended. */
async function runProcesses(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const others: CarmProcess[] = [];
  const start = (name: string, ...args: readonly string[]) =>
    others.push(new CarmProcess(name, [...args, "--state", join(folder, name)], env, folder));
  const progress = new Progress(process.stderr, ["replayed"]);
  const replay = new CarmProcess(
    "replay",
    ["source", "replay", "--listen", "127.0.0.1:0", ...replayArguments()],
    env,
    folder,
    ({ simulator, share }) => {
      if (typeof share === "number") progress.update("replayed", share);
      if (typeof simulator !== "string") return;
      for (const name of ["processor-1", "processor-2"]) start(name, "processor", "--simulated-time");
      for (const role of ["node", "scheduler"]) {
        start(role, "agent", role, "--actuator", "simulated", "--simulator", simulator);
      }
    },
  );
  const interrupted = () => void replay.stop();
  process.once("SIGINT", interrupted);
  try {
    await replay.done();
  } finally {
    process.off("SIGINT", interrupted);
    progress.end();
    await Promise.all(others.map((one) => one.stop()));
  }
}

/** The scenario, as options of `carm source replay`. */
function replayArguments(): string[] {
  const { zone, days, start, gpus, load, planner, slack, seed, modelError, onSite } = options;
  const given: Record<string, string | number> = {
    zone,
    days,
    start: new Date(start).toISOString().slice(0, 13).concat("Z"),
    gpus,
    load,
    planner: planner.join(","),
    slack,
    seed,
    "model-error": modelError,
    ...(onSite === undefined ? {} : { "on-site": `${onSite.kind}:${onSite.share}` }),
  };
  return Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

async function check(scenario: Scenario, apart: readonly PolicyMeasurements[]): Promise<void> {
  say("Running the same in one process.");
  const progress = new Progress(process.stderr, options.planner);
  const whole = await runPolicies(scenario, options.planner, (name, share) => progress.update(name, share));
  progress.end();
  const compared = compare(apart, whole);
  for (const { policy, figure, apart: x, whole: y, isNear } of compared) {
    say(
      `${isNear ? "  " : "! "}${policy.padEnd(12)} ${figure.padEnd(24)} Kafka ${round(x)}, one process ${round(y)}`,
    );
  }
  const far = compared.filter(({ isNear }) => !isNear);
  if (far.length > 0) throw new Error(`${far.length} of ${compared.length} figures differ by more than 1 %.`);
  say(`All ${compared.length} figures are within 1 %.`);
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6);
}
