import { hostname, userInfo } from "node:os";
import {
  createKubernetesScheduler,
  createLeaseLock,
  createSchedulerAgent,
  createSchedulerFileStore,
  createSlurmCommands,
  createSlurmRest,
  createSlurmScheduler,
  createStopFile,
  type Leadership,
  type SchedulerActuator,
  slurmRunner,
  systemClock,
} from "../../agent/index.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Config } from "../runtime/settings.ts";
import { agentFiles } from "./agent-files.ts";
import type { Machine } from "./machine.ts";
import { kubeConfig } from "./node-machine.ts";

export type SchedulerActuatorKind = "kubernetes" | "slurm";

export const schedulerActuatorKinds: readonly SchedulerActuatorKind[] = ["kubernetes", "slurm"];

export interface SchedulerChoice {
  readonly actuator: SchedulerActuatorKind;
  readonly cluster: string;
  readonly pool: string;
  /** Kubernetes: where the Lease is. */
  readonly namespace?: string;
  /** Slurm: where slurmrestd listens; through the commands alone unless given. */
  readonly slurmrestd?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Opened {
  readonly actuator: SchedulerActuator;
  readonly leadership?: Leadership;
  readonly close: () => Promise<void>;
}

/** A scheduler agent on a real scheduler, ready to be given its decisions and its log. */
export function openSchedulerMachine(
  choice: SchedulerChoice,
  config: Config,
  env: Environment,
  log: Logger,
): Machine {
  const { cluster } = choice;
  const files = agentFiles(config.state.folder, cluster, "scheduler");
  const opened = choice.actuator === "kubernetes" ? openKubernetes(choice, env) : openSlurm(choice, env, log);
  const { actuator, leadership, close } = opened;
  const parts = {
    cluster,
    actuator,
    clock: systemClock,
    store: createSchedulerFileStore(files.memory),
    stopSwitch: createStopFile(files.stop),
    limits: config.agent,
    ...(leadership === undefined ? {} : { leadership }),
  };
  return { files, create: (feed, publish) => createSchedulerAgent({ ...parts, feed, publish }), close };
}

function openKubernetes({ cluster, pool, namespace }: SchedulerChoice, env: Environment): Opened {
  const kube = kubeConfig();
  const leadership = createLeaseLock({
    config: kube,
    namespace: namespace ?? (env["POD_NAMESPACE"] || "carm"),
    name: `carm-scheduler-${cluster.toLowerCase()}`,
    identity: `${env["POD_NAME"] || hostname()}-${process.pid}`,
    clock: systemClock,
  });
  const actuator = createKubernetesScheduler({ config: kube, cluster, defaultPool: pool });
  return { actuator, leadership, close: () => actuator.close() };
}

function openSlurm({ cluster, pool, slurmrestd }: SchedulerChoice, env: Environment, log: Logger): Opened {
  const run = slurmRunner({ env });
  const commands = createSlurmCommands(run);
  const user = env["SLURM_USER_NAME"] || userInfo().username;
  // SlurmUser and operators can make tokens themselves; others are given one.
  const token = async () =>
    env["SLURM_JWT"] || (await run("scontrol", "token", "lifespan=3600")).trim().replace("SLURM_JWT=", "");
  const client =
    slurmrestd === undefined ? commands : createSlurmRest({ url: slurmrestd, user, token, commands });
  const onProblem = (job: string, err: Error) => log.warn({ err, job }, "a job's comment can't be used");
  const actuator = createSlurmScheduler({ client, cluster, defaultPool: pool, onProblem });
  return { actuator, close: async () => undefined };
}
