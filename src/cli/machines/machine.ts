import type { DecisionFeed, NodeAgent, Publish, SchedulerAgent } from "../../agent/index.ts";
import type { AgentFiles } from "./agent-files.ts";

/** A real machine with its agent still to be made. */
export interface Machine {
  readonly files: AgentFiles;
  readonly create: (feed: DecisionFeed, publish: Publish) => NodeAgent | SchedulerAgent;
  readonly close: () => Promise<void>;
}
