import { hostname } from "node:os";
import {
  createKubernetesScheduler,
  createLeaseLock,
  createSchedulerAgent,
  createSchedulerFileStore,
  createStopFile,
  systemClock,
} from "../../agent/index.ts";
import type { Config } from "../runtime/settings.ts";
import { agentFiles } from "./agent-files.ts";
import type { Machine } from "./machine.ts";
import { kubeConfig } from "./node-machine.ts";

export interface SchedulerChoice {
  readonly actuator: "kubernetes";
  readonly cluster: string;
  readonly pool: string;
  readonly namespace?: string;
}

/** A scheduler agent on a real scheduler, ready to be given its decisions and its log. */
export function openSchedulerMachine(
  choice: SchedulerChoice,
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): Machine {
  const { cluster, pool } = choice;
  const files = agentFiles(config.state.folder, cluster, "scheduler");
  const kube = kubeConfig();
  const leadership = createLeaseLock({
    config: kube,
    namespace: choice.namespace ?? (env["POD_NAMESPACE"] || "carm"),
    name: `carm-scheduler-${cluster.toLowerCase()}`,
    identity: `${env["POD_NAME"] || hostname()}-${process.pid}`,
    clock: systemClock,
  });
  const actuator = createKubernetesScheduler({ config: kube, cluster, defaultPool: pool });
  const parts = {
    cluster,
    actuator,
    clock: systemClock,
    store: createSchedulerFileStore(files.memory),
    stopSwitch: createStopFile(files.stop),
    limits: config.agent,
    leadership,
  };
  return {
    files,
    create: (feed, publish) => createSchedulerAgent({ ...parts, feed, publish }),
    close: () => actuator.close(),
  };
}
