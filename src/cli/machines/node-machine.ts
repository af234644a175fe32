import { hostname } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import {
  createNodeAgent,
  createNodeFileStore,
  createStopFile,
  type GpuActuatorKind,
  openGpuActuator,
  podOwners,
  systemClock,
} from "../../agent/index.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Config } from "../runtime/settings.ts";
import { agentFiles } from "./agent-files.ts";
import type { Machine } from "./machine.ts";

export interface NodeChoice {
  readonly actuator: GpuActuatorKind;
  readonly cluster: string;
  readonly node?: string;
  readonly pool: string;
}

/** A node agent on real GPUs, ready to be given its decisions and its log. Throws what opening the driver throws. */
export async function openNodeMachine(
  choice: NodeChoice,
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  log: Logger,
): Promise<Machine> {
  const node = choice.node ?? (env["NODE_NAME"] || hostname());
  const files = agentFiles(config.state.folder, choice.cluster, node);
  const inKubernetes = Boolean(env["KUBERNETES_SERVICE_HOST"]);
  const actuator = await openGpuActuator({
    kind: choice.actuator,
    lockFile: join(config.state.folder, "agents", "locks.json"),
    ...(inKubernetes ? { ownerOfPod: podOwners(kubeConfig(), node, systemClock) } : {}),
    onProblem: (uuid, err) => log.warn({ err, uuid }, "a GPU can't be read"),
  });
  const parts = {
    cluster: choice.cluster,
    node,
    pool: choice.pool,
    actuator,
    clock: systemClock,
    store: createNodeFileStore(files.memory),
    stopSwitch: createStopFile(files.stop),
    limits: config.agent,
  };
  return {
    files,
    create: (feed, publish) => createNodeAgent({ ...parts, feed, publish }),
    close: () => actuator.close(),
  };
}

/** As kubectl finds it, or as a pod is given it. */
export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}
