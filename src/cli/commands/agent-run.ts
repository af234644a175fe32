import { join } from "node:path";
import { Command, Option } from "commander";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { asDaemon } from "../runtime/daemon.ts";
import { splitAddress } from "../runtime/inputs.ts";
import { runSimulatedAgents } from "../simulation/simulated-agents.ts";
import { SimulatorClient } from "../simulation/simulator-client.ts";

interface AgentChoice {
  readonly actuator: "simulated";
  readonly simulator: { readonly host: string; readonly port: number };
  readonly cluster?: string;
  readonly node?: string;
}

/** `carm agent node`: keeps the clocks of a node's GPUs as decided. */
export function agentNodeCommand(context: CliContext): Command {
  const command = agentCommand(context, "node")
    .description("Keep the GPU clocks of a node as decided, and report its GPUs")
    .option("--node <name>", "the node; simulated: all nodes unless given")
    .addHelpText("after", "\nExample:\n  carm agent node --actuator simulated --simulator 127.0.0.1:7070");
  return command;
}

/** `carm agent scheduler`: runs a cluster's training jobs as decided. */
export function agentSchedulerCommand(context: CliContext): Command {
  return agentCommand(context, "scheduler")
    .description("Start, pause and resize a cluster's training jobs as decided, and report them")
    .addHelpText(
      "after",
      "\nExample:\n  carm agent scheduler --actuator simulated --simulator 127.0.0.1:7070",
    );
}

function agentCommand(context: CliContext, role: "node" | "scheduler"): Command {
  const command = new Command(role)
    .addOption(
      new Option("--actuator <name>", "what the agent acts through")
        .choices(["simulated"])
        .makeOptionMandatory(),
    )
    .option("--cluster <name>", "the cluster; simulated: all clusters unless given")
    .option("--simulator <host:port>", "simulated: where carm source replay listens", splitAddress, {
      host: "127.0.0.1",
      port: 7070,
    })
    .action((options: AgentChoice) =>
      inSession(context, command, async (session) => {
        const { signal } = context;
        const simulator = await SimulatorClient.connect(options.simulator, session.log, signal);
        if (simulator === null) return;
        const { cluster, node } = options;
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
      }),
    );
  return withSettings(command, ["state", "health"]);
}
