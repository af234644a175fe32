import { Command, InvalidArgumentError } from "commander";
import { profileLibrary } from "../../profiles/index.ts";
import { buildScenario } from "../../simulate/index.ts";
import { type DemoOptions, scenarioOptions, wholeNumber } from "../demo/options.ts";
import { addScenarioOptions } from "../demo/scenario-options.ts";
import { loadTraces } from "../demo/traces.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { asDaemon } from "../runtime/daemon.ts";
import { splitAddress } from "../runtime/inputs.ts";
import { prepareLog, replay } from "../simulation/replay.ts";
import { createWorlds } from "../simulation/world.ts";

interface ReplayChoice extends DemoOptions {
  readonly speed: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly partitions?: number;
  readonly wait: boolean;
}

const example = `
Publishes the clusters, their policies and profiles first, then their past, then hour by hour what happens. With
several planners each gets a cluster of its own, named sim-PLANNER. The log must be new: topics are created with
CreateTime, and every record carries simulated time.

CARM_TRACES names a folder of recorded traces; without it, typical days are used.

Example, each in a shell of its own:
  carm source replay --days 1 --planner ca-rm,max --speed 600
  carm processor --simulated-time
  carm agent node --actuator simulated
  carm agent scheduler --actuator simulated`;

/** `carm source replay`: the world of a simulated run. */
export function sourceReplayCommand(context: CliContext): Command {
  const command = addScenarioOptions(
    new Command("replay").description(
      "Replay traces or typical days, with simulated machines for agents to act on",
    ),
    ["ca-rm"],
  )
    .option("--speed <factor>", "simulated seconds a second at most, or max", speed, Number.POSITIVE_INFINITY)
    .option("--no-wait", "time does not wait for the processor and the agents; leases end if one is gone")
    .option("--listen <host:port>", "where agents reach the simulated machines", splitAddress, {
      host: "127.0.0.1",
      port: 7070,
    })
    .option("--partitions <n>", "partitions of the topics, where they don't exist yet", wholeNumber(1, 1_000))
    .addHelpText("after", example)
    .action((options: ReplayChoice) =>
      inSession(context, command, async (session) => {
        const { signal } = context;
        const { broker, log } = session;
        const traces = await loadTraces(context.env["CARM_TRACES"], options.seed);
        const scenario = await buildScenario(scenarioOptions(options), traces, profileLibrary);
        await prepareLog(broker, options.partitions);
        let started = false;
        const notReady = () => (started ? [] : ["waits for agents"]);
        await asDaemon(context, session, { notReady }, () =>
          replay({
            ...session,
            ...options.listen,
            worlds: createWorlds(scenario, options.planner),
            speed: options.speed,
            waits: options.wait,
            onListening: (port) =>
              log.info({ simulator: `${options.listen.host}:${port}` }, "listening for agents"),
            onProgress: (share) => {
              started = true;
              log.info({ share }, `${Math.floor(share * 100)} % replayed`);
            },
            signal,
          }),
        );
        if (!signal.aborted) log.info("the replay has ended");
      }),
    );
  return withSettings(command, ["health"]);
}

function speed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0, for example 600, or max.");
}
