import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Broker } from "../../src/broker/index.ts";
import { type CarmClient, createClient, createPublisher, readHistory } from "../../src/client/index.ts";
import type { Job, RecordCodec } from "../../src/records/index.ts";
import { decision } from "../agent/harness.ts";

/** An open log with every topic, and how to close it. */
export interface ClientLog {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  close(): Promise<void>;
}

/** What the client promises, on whatever broker. */
export function describeClient(name: string, open: () => Promise<ClientLog>): void {
  describe(name, () => {
    async function withClient(use: (client: CarmClient, log: ClientLog, cluster: string) => Promise<void>) {
      const log = await open();
      const client = await createClient(log);
      try {
        await use(client, log, `lab-${randomUUID().slice(0, 8)}`);
      } finally {
        await client.close();
        await log.close();
      }
    }

    const submission = { pool: "training", model: "bert-large", workers: 4 };

    it("publishes events in order, each with a sequence above the last", () =>
      withClient(async (client, log, cluster) => {
        await client.submitJob(cluster, { job: "a", ...submission });
        await client.cancelJob(cluster, "a", "wrong data");
        await client.removeService(cluster, "chat");
        const events = (await readHistory("carm.job-events", { ...log, cluster })).map(({ value }) => value);
        expect(events.map(({ subject, type }) => `${subject} ${type}`)).toEqual([
          "a submitted",
          "a cancelled",
          "chat service_removed",
        ]);
        expect(events[1]!.sequence).toBeGreaterThan(events[0]!.sequence);
      }));

    it("refuses an event that can't be, naming the field, and publishes nothing", () =>
      withClient(async (client, log, cluster) => {
        const impossible = client.submitJob(cluster, { job: "a", ...submission, minWorkers: 8 });
        await expect(impossible).rejects.toMatchObject({
          code: "ERR_RECORD_INVALID",
          message: expect.stringContaining("minWorkers is 8"),
        });
        const wrongShape = client.submitJob(cluster, { job: "a", ...submission, workers: "four" as never });
        await expect(wrongShape).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
        expect(await readHistory("carm.job-events", { ...log, cluster })).toEqual([]);
      }));

    it("shows the latest of each job and target, of its own cluster alone", () =>
      withClient(async (client, log, cluster) => {
        const publisher = await createPublisher(log.broker, log.codec);
        const now = Date.now();
        publisher.add("carm.jobs", job(cluster, "a", "waiting"), now);
        publisher.add("carm.jobs", job(cluster, "b", "waiting"), now);
        publisher.add("carm.jobs", job(cluster, "a", "running"), now);
        publisher.add("carm.jobs", job(`${cluster}-other`, "c", "waiting"), now);
        for (const sequence of [1, 2]) {
          publisher.add("carm.decisions", decision("job", "a", sequence, { cluster }), now);
        }
        await publisher.close();
        expect((await client.jobs(cluster)).map(({ job: id, state }) => `${id} ${state}`)).toEqual([
          "b waiting",
          "a running",
        ]);
        expect(await client.job(cluster, "c")).toBeUndefined();
        expect((await client.decisions(cluster)).map(({ epoch }) => epoch.sequence)).toEqual([2]);
      }));

    it("follows what comes until it is told to stop", () =>
      withClient(async (client, log, cluster) => {
        const stopping = new AbortController();
        const publisher = await createPublisher(log.broker, log.codec);
        publisher.add("carm.jobs", job(cluster, "a", "waiting"), Date.now());
        await publisher.flush();
        const states: string[] = [];
        for await (const { state } of client.watchJobs(cluster, {
          from: "beginning",
          signal: stopping.signal,
        })) {
          states.push(state);
          if (state === "waiting") {
            publisher.add("carm.jobs", job(cluster, "a", "running"), Date.now());
            await publisher.flush();
          } else stopping.abort();
        }
        await publisher.close();
        expect(states).toEqual(["waiting", "running"]);
      }));
  });
}

function job(cluster: string, id: string, state: Job["state"]): Job {
  const now = Date.now();
  return {
    cluster,
    observedAt: now,
    job: id,
    state,
    model: "bert-large",
    submittedAt: now,
    startedAt: null,
    finishedAt: null,
    deadlineAt: null,
    deadlineMissed: false,
    workers: 0,
    smClockMhz: null,
    samples: null,
    samplesDone: 0,
    plannedStartAt: null,
    expectedFinishAt: null,
    energyKwh: 0,
    gco2: 0,
    why: "",
  };
}
