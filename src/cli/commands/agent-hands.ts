import { hostname } from "node:os";
import { Command, Option } from "commander";
import { type GpuActuatorKind, gpuActuatorKinds } from "../../agent/index.ts";
import { type AgentFiles, agentFiles, putFile, takeFile } from "../machines/agent-files.ts";
import { openNodeMachine } from "../machines/node-machine.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { configOf, withSettings } from "../runtime/configured.ts";
import { createLogger } from "../runtime/logger.ts";

interface HandsChoice {
  readonly cluster: string;
  readonly node?: string;
  readonly scheduler?: boolean;
  readonly actuator: GpuActuatorKind;
}

/** `carm agent release`: lets go of what the agent of this machine has set, without Kafka. */
export function agentReleaseCommand(context: CliContext): Command {
  const command = onThisMachine("release", "Let go of what the agent of this machine has set, without Kafka")
    .addOption(
      new Option("--actuator <name>", "the way to the GPUs, for an agent that does not run")
        .choices([...gpuActuatorKinds])
        .default("auto"),
    )
    .addHelpText(
      "after",
      "\nThe agent does nothing until carm agent resume. One that does not run has its locks reset by this command.\n\nExample:\n  carm agent release --cluster lab",
    )
    .action(async (options: HandsChoice) => {
      const { config, files } = await filesOf(context, command, options);
      await putFile(files.stop);
      if (options.scheduler) {
        context.stdout.write(
          `${files.stop} is there: the scheduler agent gives its jobs back in its next pass.\n`,
        );
        return;
      }
      const log = createLogger(config.log.level, context.stderr);
      const machine = await openNodeMachine({ ...options, pool: "" }, config, context.env, log);
      // An agent that hears of nothing and is stopped at once: its memory tells which locks are its own.
      const agent = machine.create({ poll: async () => [] }, async () => undefined);
      await agent.stop();
      await machine.close();
      context.stdout.write(
        `Released. ${files.stop} keeps the agent from setting clocks until carm agent resume.\n`,
      );
    });
  return command;
}

/** `carm agent resume`: lets the agent of this machine act again. */
export function agentResumeCommand(context: CliContext): Command {
  const command = onThisMachine("resume", "Let the agent of this machine act again after carm agent release")
    .addHelpText("after", "\nExample:\n  carm agent resume --cluster lab")
    .action(async (options: HandsChoice) => {
      const { files } = await filesOf(context, command, options);
      const was = await takeFile(files.stop);
      context.stdout.write(was ? "The agent acts again.\n" : "The agent was not stopped.\n");
    });
  return command;
}

/** `carm agent reclaim`: takes back what the agent left to somebody else. */
export function agentReclaimCommand(context: CliContext): Command {
  const command = onThisMachine(
    "reclaim",
    "Take back the boards or jobs that the agent left to somebody else",
  )
    .addHelpText("after", "\nExample:\n  carm agent reclaim --cluster lab --scheduler")
    .action(async (options: HandsChoice) => {
      const { files } = await filesOf(context, command, options);
      await putFile(files.reclaim);
      context.stdout.write("The agent takes them back in its next pass.\n");
    });
  return command;
}

function onThisMachine(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .requiredOption("--cluster <name>", "the cluster")
    .option("--node <name>", "the node; its host name, or NODE_NAME, unless given")
    .option("--scheduler", "the scheduler agent instead of the node agent");
  return withSettings(command, ["state"]);
}

async function filesOf(context: CliContext, command: Command, { cluster, node, scheduler }: HandsChoice) {
  const config = await configOf(context, command);
  const name = scheduler ? "scheduler" : (node ?? (context.env["NODE_NAME"] || hostname()));
  const files: AgentFiles = agentFiles(config.state.folder, cluster, name);
  return { config, files };
}
