import { Command, CommanderError } from "commander";
import { CarmError } from "../records/index.ts";
import { agentReclaimCommand, agentReleaseCommand, agentResumeCommand } from "./commands/agent-hands.ts";
import { agentNodeCommand, agentSchedulerCommand } from "./commands/agent-run.ts";
import { clusterCommand } from "./commands/cluster.ts";
import { deadLettersCommand } from "./commands/dead-letters.ts";
import { decisionCommand } from "./commands/decision.ts";
import { demoCommand } from "./commands/demo.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { forecastBacktestCommand } from "./commands/forecast-backtest.ts";
import { forecastBacktestStepsCommand } from "./commands/forecast-backtest-steps.ts";
import { jobCommand } from "./commands/job.ts";
import { ledgerCommand } from "./commands/ledger.ts";
import { observeCommand } from "./commands/observe.ts";
import { policyCommand } from "./commands/policy.ts";
import { processorCommand } from "./commands/processor.ts";
import { serviceCommand } from "./commands/service.ts";
import { gridSourceCommands } from "./commands/source-grid.ts";
import { sourceReplayCommand } from "./commands/source-replay.ts";
import { stopCommand } from "./commands/stop.ts";
import { topCommand } from "./commands/top.ts";
import { topicsCommands } from "./commands/topics.ts";
import type { CliContext } from "./runtime/cli-context.ts";

const start = `
Try it:            carm demo --days 1
On your Kafka:     export KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=…
                   carm processor
Ask about a job:   carm job status bert-17 --cluster lab

carm COMMAND --help has examples.`;

/** Runs one command line, without the program's own name. Returns the exit code. Throws what is a defect of ours. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  try {
    await buildProgram(context).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has said already what is wrong.
    if (error instanceof CommanderError) return error.exitCode;
    // A user's mistake gets its message; only a defect of ours shows where it happened.
    if (!(error instanceof CarmError)) throw error;
    context.stderr.write(`error: ${error.message} (${error.code})\n`);
    return 1;
  }
}

function buildProgram(context: CliContext): Command {
  const program = new Command("carm")
    .description("CA-RM: a carbon-aware resource manager for GPU clusters")
    .addHelpText("after", start);
  program.commandsGroup("Jobs and services:");
  add(
    program,
    jobCommand(context),
    serviceCommand(context),
    decisionCommand(context),
    ledgerCommand(context),
  );
  program.commandsGroup("Run a cluster:");
  add(
    program,
    clusterCommand(context),
    policyCommand(context),
    deadLettersCommand(context),
    stopCommand(context),
    topCommand(context),
  );
  add(program, group("topics", "Make Kafka and the schema registry as declared", ...topicsCommands(context)));
  program.commandsGroup("Processes:");
  add(program, processorCommand(context), observeCommand(context));
  add(
    program,
    group(
      "agent",
      "Act on machines as decided",
      agentNodeCommand(context),
      agentSchedulerCommand(context),
      agentReleaseCommand(context),
      agentResumeCommand(context),
      agentReclaimCommand(context),
    ),
  );
  add(
    program,
    group("source", "Bring events to the log", sourceReplayCommand(context), ...gridSourceCommands(context)),
  );
  program.commandsGroup("Try and judge:");
  add(
    program,
    demoCommand(),
    evaluateCommand(),
    group(
      "forecast",
      "Judge forecasts of intensity, on-site supply and requests",
      forecastBacktestCommand(),
      forecastBacktestStepsCommand(),
    ),
  );
  return throughContext(program, context);
}

function add(program: Command, ...commands: readonly Command[]): void {
  for (const command of commands) program.addCommand(command);
}

function group(name: string, about: string, ...commands: readonly Command[]): Command {
  const parent = new Command(name).description(about);
  add(parent, ...commands);
  return parent;
}

/** Errors are thrown instead of ending the process, and all text goes where the context says. */
function throughContext(command: Command, context: CliContext): Command {
  command
    .exitOverride()
    .showHelpAfterError(`(${path(command)} --help has examples)`)
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    });
  for (const child of command.commands) throughContext(child, context);
  return command;
}

function path(command: Command): string {
  return command.parent === null ? command.name() : `${path(command.parent)} ${command.name()}`;
}
