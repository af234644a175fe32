import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "../../broker/index.ts";
import { CarmError, topicDeclarations } from "../../records/index.ts";
import type { Logger } from "./logger.ts";

const RETRY_DELAY_MS = 1_000;
const ATTEMPTS_A_WARNING = 10;

/** Waits until every topic is there, so that processes can be started in any order. False if the signal ends first. */
export async function topicsExist(broker: Broker, log: Logger, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const missing = await firstMissing(broker);
    if (missing === undefined) return true;
    if (attempt % ATTEMPTS_A_WARNING === 0) {
      log.warn(
        `there is no topic ${missing} yet; carm topics apply makes all of them, carm source replay those of a replay`,
      );
    }
    await sleep(RETRY_DELAY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

async function firstMissing(broker: Broker): Promise<string | undefined> {
  for (const { name } of topicDeclarations()) {
    try {
      if ((await broker.partitionCount(name)) === 0) return name;
    } catch (error) {
      if (error instanceof CarmError && error.code === "ERR_TOPIC_UNKNOWN") return name;
      throw error;
    }
  }
  return undefined;
}
