import { type Broker, createEmbeddedBroker } from "../../src/broker/index.ts";
import {
  createCodec,
  embeddedRegistry,
  type RecordCodec,
  topicDeclarations,
} from "../../src/records/index.ts";
import { createRocksStores, type StateStores } from "../../src/stream/index.ts";

export interface Log {
  readonly broker: Broker;
  readonly codec: RecordCodec;
}

/** A log of one partition in memory: what is measured is the runtime and its store, not a network. */
export async function createLog(): Promise<Log> {
  const broker = createEmbeddedBroker();
  await broker.createTopics(
    topicDeclarations().map(({ name, cleanup, retentionMs }) => ({
      name,
      partitions: 1,
      cleanup,
      retentionMs,
      timestamps: "CreateTime" as const,
    })),
  );
  return { broker, codec: await createCodec(embeddedRegistry()) };
}

/** A process that runs a worker and can be killed: its files are closed and its group gives its partitions away. */
export function createProcess({ broker, codec }: Log, folder: string) {
  const stores = createRocksStores(folder);
  const open: { close(): Promise<void> }[] = [];
  const kept = <T extends { close(): Promise<void> }>(resource: T): T => {
    open.push(resource);
    return resource;
  };
  return {
    broker: { ...broker, consumer: async (...args) => kept(await broker.consumer(...args)) } as Broker,
    codec,
    stores: {
      open: async (name) => kept(await stores.open(name)),
      destroy: (name) => stores.destroy(name),
    } as StateStores,
    async kill(): Promise<void> {
      for (const resource of open.splice(0)) await resource.close();
    },
  };
}

/** Lines of a table, the first cell to the left, the others to the right. */
export function line(cells: readonly (string | number)[]): void {
  const [first, ...rest] = cells.map(String);
  process.stdout.write(`${first!.padEnd(44)}${rest.map((cell) => cell.padStart(14)).join("")}\n`);
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
