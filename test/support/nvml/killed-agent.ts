import { createSystemNode } from "./system-node.ts";

/** A node agent that is killed right after its first lock: run as a process of its own with the folder as argument. */
const [folder, library] = process.argv.slice(2) as [string, string];
const { agent } = await createSystemNode(folder, library, {
  decideMhz: 900,
  afterLock: () => process.kill(process.pid, "SIGKILL"),
});
await agent.reconcile();
