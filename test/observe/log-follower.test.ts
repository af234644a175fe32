import { Registry } from "prom-client";
import { beforeEach, describe, expect, test } from "vitest";
import { type Broker, createEmbeddedBroker } from "../../src/broker/index.ts";
import { createPublisher, type Publisher } from "../../src/client/index.ts";
import {
  type FleetView,
  fleetPage,
  fleetSummary,
  LogFollower,
  observedFleet,
} from "../../src/observe/index.ts";
import {
  createCodec,
  embeddedRegistry,
  type RecordCodec,
  topicDeclarations,
} from "../../src/records/index.ts";
import { observedAt, samples } from "../records/samples.ts";

let broker: Broker;
let codec: RecordCodec;
let publisher: Publisher;
let registry: Registry;
let fleet: FleetView;
beforeEach(async () => {
  broker = createEmbeddedBroker();
  await broker.createTopics(topicDeclarations());
  codec = await createCodec(embeddedRegistry());
  publisher = await createPublisher(broker, codec);
  registry = new Registry();
  fleet = observedFleet(registry);
});

async function catchUp(follower: LogFollower): Promise<void> {
  while (!follower.isCaughtUp) await follower.poll(50);
}

describe("following the log", () => {
  test("a follower that starts late knows what was on the log before, and one after the other know the same", async () => {
    publisher.add("carm.clusters", samples["carm.clusters"], observedAt);
    publisher.add("carm.ledger", samples["carm.ledger"], observedAt);
    publisher.add("carm.jobs", samples["carm.jobs"], observedAt);
    await publisher.flush();
    for (let life = 0; life < 2; life += 1) {
      const seen = observedFleet(new Registry());
      const follower = await LogFollower.open({ broker, codec, view: seen });
      await catchUp(follower);
      await follower.close();
      expect(fleetSummary(seen).clusters.map(({ cluster, zone }) => [cluster, zone])).toEqual([
        ["lab", "DE"],
      ]);
      expect(seen.clusters.get("lab")?.jobs.size).toBe(1);
    }
  });

  test("a record that is no record is passed over", async () => {
    const producer = await broker.producer();
    const junk = {
      topic: "carm.jobs",
      partition: 0,
      key: Buffer.from("lab/x"),
      value: new Uint8Array([9, 9]),
      timestamp: 0,
    };
    await producer.send([junk]);
    publisher.add("carm.jobs", samples["carm.jobs"], observedAt);
    await publisher.flush();
    const follower = await LogFollower.open({ broker, codec, view: fleet });
    await catchUp(follower);
    expect(follower.skipped).toBe(1);
    expect(fleet.clusters.get("lab")?.jobs.size).toBe(1);
  });

  test("what a scrape shows has a help line, and no label names a job or a GPU", async () => {
    for (const [topic, value] of Object.entries(samples))
      publisher.add(topic as never, value as never, observedAt);
    await publisher.flush();
    const follower = await LogFollower.open({ broker, codec, view: fleet });
    await catchUp(follower);
    const text = await registry.metrics();
    const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
    const helps = [...text.matchAll(/^# HELP (\S+) \S/gm)].map((match) => match[1]);
    expect(helps).toEqual(families);
    expect(text).not.toContain("job-17");
    expect(text).not.toContain("GPU-0");
  });
});

describe("the page", () => {
  test("shows what users wrote as text, never as markup", () => {
    const value = { ...samples["carm.jobs"], job: "<script>alert(1)</script>", finishedAt: null };
    fleet.take({ topic: "carm.jobs", value });
    const html = fleetPage(fleetSummary(fleet));
    expect(html).not.toContain("<script>");
    expect(html).toContain("alert(1)");
  });

  test("says what to do where nothing is known yet", () => {
    expect(fleetPage(fleetSummary(fleet))).toContain("carm cluster declare");
  });
});
