import { type Broker, createEmbeddedBroker } from "../../src/broker/index.ts";
import { runCli } from "../../src/cli/program.ts";
import {
  createCodec,
  embeddedRegistry,
  type RecordCodec,
  topicDeclarations,
} from "../../src/records/index.ts";

/** What one command line came to. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line on an embedded broker with a clock that stands still. */
export interface CliHarness {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  nowMs: number;
  env: Record<string, string>;
  run(...args: readonly string[]): Promise<CliResult>;
  /** The JSON that a command prints. Throws if it fails. */
  json<T>(...args: readonly string[]): Promise<T>;
}

export async function cliHarness(): Promise<CliHarness> {
  let nowMs = Date.UTC(2030, 0, 1);
  const broker = createEmbeddedBroker({ now: () => nowMs });
  await broker.createTopics(topicDeclarations().map((topic) => ({ ...topic, partitions: 3 })));
  const codec = await createCodec(embeddedRegistry());
  const harness: CliHarness = {
    broker,
    codec,
    env: {
      KAFKA_BROKERS: "embedded:9092",
      SCHEMA_REGISTRY_URL: "http://embedded:8081",
      CARM_LOG_LEVEL: "silent",
    },
    get nowMs() {
      return nowMs;
    },
    set nowMs(value) {
      nowMs = value;
    },
    async run(...args) {
      const stdout: string[] = [];
      const stderr: string[] = [];
      const code = await runCli(args, {
        env: harness.env,
        stdout: { write: (text) => stdout.push(text) },
        stderr: { write: (text) => stderr.push(text) },
        nowMs: () => nowMs,
        signal: new AbortController().signal,
        connect: async () => ({ broker, codec, logIdentity: "test", close: async () => {} }),
      });
      return { code, stdout: stdout.join(""), stderr: stderr.join("") };
    },
    async json(...args) {
      const { code, stdout, stderr } = await harness.run(...args, "--json");
      if (code !== 0) throw new Error(`carm ${args.join(" ")} failed: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
  return harness;
}
