import { createRequire } from "node:module";

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 sets a timer with a negative time after every request that leaves nothing to wait for, of which
 * Node 24 warns (kafkajs#1751). Without pending requests and throttling there is nothing to check, so no timer is set.
 */
export function silenceNegativeTimeouts(): void {
  const queue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as {
    prototype: RequestQueue;
  };
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  if (schedule.name === quiet) return;
  queue.prototype.scheduleCheckPendingRequests = {
    [quiet](this: RequestQueue) {
      if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
    },
  }[quiet]!;
}

const quiet = "scheduleCheckPendingRequestsIfAny";
