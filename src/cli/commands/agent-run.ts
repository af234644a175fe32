import { join } from "node:path";
import { Command, Option } from "commander";
import { type GpuActuatorKind, gpuActuatorKinds } from "../../agent/index.ts";
import { CarmError } from "../../records/index.ts";
import { takeFile } from "../machines/agent-files.ts";
import { openNodeMachine } from "../machines/node-machine.ts";
import { runAgent } from "../machines/run-agent.ts";
import {
  openSchedulerMachine,
  type SchedulerActuatorKind,
  schedulerActuatorKinds,
} from "../machines/scheduler-machine.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { asDaemon } from "../runtime/daemon.ts";
import { splitAddress } from "../runtime/inputs.ts";
import { runSimulatedAgents } from "../simulation/simulated-agents.ts";
import { SimulatorClient } from "../simulation/simulator-client.ts";

interface AgentChoice {
  readonly actuator: string;
  readonly simulator: { readonly host: string; readonly port: number };
  readonly cluster?: string;
  readonly node?: string;
  readonly pool?: string;
  readonly namespace?: string;
  readonly slurmrestd?: string;
}

/** `carm agent node`: keeps the clocks of a node's GPUs as decided. */
export function agentNodeCommand(context: CliContext): Command {
  return agentCommand(context, "node", gpuActuatorKinds)
    .description("Keep the GPU clocks of a node as decided, and report its GPUs")
    .option("--node <name>", "the node; its host name, or NODE_NAME, unless given (simulated: all nodes)")
    .option("--pool <name>", "the pool that the node's GPUs belong to", "shared")
    .addHelpText(
      "after",
      "\nExamples:\n  carm agent node --actuator auto --cluster lab --pool training\n  carm agent node --actuator simulated --simulator 127.0.0.1:7070",
    );
}

/** `carm agent scheduler`: runs a cluster's training jobs as decided. */
export function agentSchedulerCommand(context: CliContext): Command {
  return agentCommand(context, "scheduler", schedulerActuatorKinds)
    .description("Start, pause and resize a cluster's training jobs as decided, and report them")
    .option("--pool <name>", "the pool of jobs that name none", "training")
    .option(
      "--namespace <name>",
      "kubernetes: where the agents' Lease is; POD_NAMESPACE or carm unless given",
    )
    .option(
      "--slurmrestd <url>",
      "slurm: read and release jobs through it, with SLURM_JWT or a token from scontrol; unless given, commands alone",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  carm agent scheduler --actuator kubernetes --cluster lab\n  carm agent scheduler --actuator slurm --cluster lab --slurmrestd http://slurm:6820\n  carm agent scheduler --actuator simulated --simulator 127.0.0.1:7070",
    );
}

function agentCommand(
  context: CliContext,
  role: "node" | "scheduler",
  actuators: readonly string[],
): Command {
  const command = new Command(role)
    .addOption(
      new Option("--actuator <name>", "what the agent acts through")
        .choices([...actuators, "simulated"])
        .makeOptionMandatory(),
    )
    .option("--cluster <name>", "the cluster; simulated: all clusters unless given")
    .option("--simulator <host:port>", "simulated: where carm source replay listens", splitAddress, {
      host: "127.0.0.1",
      port: 7070,
    })
    .action((options: AgentChoice) =>
      inSession(context, command, (session) =>
        options.actuator === "simulated"
          ? runSimulated(context, session, role, options)
          : runReal(context, session, role, options),
      ),
    );
  return withSettings(command, ["state", "health"]);
}

async function runReal(
  context: CliContext,
  session: Session,
  role: "node" | "scheduler",
  options: AgentChoice,
): Promise<void> {
  const { cluster, pool } = options;
  if (cluster === undefined) {
    throw new CarmError(
      "ERR_OPTION_INVALID",
      "Say which cluster this is: --cluster NAME, as in carm cluster declare.",
    );
  }
  const { config, log } = session;
  const choice = { ...options, cluster, pool: pool! };
  const machine =
    role === "node"
      ? await openNodeMachine(
          { ...choice, actuator: options.actuator as GpuActuatorKind },
          config,
          context.env,
          log,
        )
      : openSchedulerMachine(
          { ...choice, actuator: options.actuator as SchedulerActuatorKind },
          config,
          context.env,
          log,
        );
  let ready = false;
  const notReady = () => (ready ? [] : ["has not ended its first pass"]);
  try {
    await asDaemon(context, session, { notReady }, () =>
      runAgent({
        session,
        cluster,
        signal: context.signal,
        create: machine.create,
        reclaims: () => takeFile(machine.files.reclaim),
        onReady: () => {
          ready = true;
        },
      }),
    );
  } finally {
    await machine.close();
  }
}

async function runSimulated(
  context: CliContext,
  session: Session,
  role: "node" | "scheduler",
  { simulator: address, cluster, node }: AgentChoice,
): Promise<void> {
  const { signal } = context;
  const simulator = await SimulatorClient.connect(address, session.log, signal);
  if (simulator === null) return;
  let ready = false;
  const notReady = () => (ready ? [] : ["has not taken its place in the simulator"]);
  await asDaemon(context, session, { notReady }, () =>
    runSimulatedAgents({
      ...session,
      simulator,
      request: {
        role,
        ...(cluster === undefined ? {} : { cluster }),
        ...(node === undefined ? {} : { node }),
      },
      limits: session.config.agent,
      // A simulated machine remembers nothing beyond its log, so neither do its agents.
      stateFolder: join(session.config.state.folder, "agents", encodeURIComponent(session.logIdentity)),
      onReady: () => {
        ready = true;
      },
      signal,
    }),
  );
  simulator.close();
}
