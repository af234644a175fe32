import { createSimulatedCluster } from "../../src/simulate/index.ts";
import { smallScenario } from "../simulate/support.ts";
import { describeGpuActuator, describeSchedulerActuator } from "./actuator-conformance.ts";
import { FakeNode } from "./fake-node.ts";
import { FakeScheduler } from "./fake-scheduler.ts";

const atOnce = async () => undefined;
const flexible = { requestedWorkers: 2, minWorkers: 1, maxWorkers: 4 };
const rigid = { ...flexible, pausable: false, resizable: false };

describeGpuActuator("GPUs of the tests", async () => ({ actuator: new FakeNode(2), settle: atOnce }));

describeSchedulerActuator("Scheduler of the tests", async () => {
  const scheduler = new FakeScheduler();
  scheduler.add("flexible", flexible);
  scheduler.add("rigid", rigid);
  return { actuator: scheduler, flexible: "flexible", rigid: "rigid", settle: atOnce };
});

async function simulated() {
  const cluster = createSimulatedCluster(await smallScenario([flexible, rigid], { gpus: 16 }));
  const settle = async () => cluster.advanceTo(cluster.nowMs + 1_000);
  return { cluster, settle };
}

describeGpuActuator("Simulated GPUs", async () => {
  const { cluster, settle } = await simulated();
  return { actuator: cluster.node(cluster.nodes[0]!), settle };
});

describeSchedulerActuator("Simulated scheduler", async () => {
  const { cluster, settle } = await simulated();
  return { actuator: cluster.scheduler, flexible: "job-1", rigid: "job-2", settle };
});
