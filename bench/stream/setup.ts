import { type Broker, createEmbeddedBroker, createKafkaBroker } from "../../src/broker/index.ts";
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

/** A log of one partition: on a fresh real broker if one is given, else in memory, without a network. */
export async function createLog(kafkaBrokers?: string): Promise<Log> {
  const broker =
    kafkaBrokers === undefined
      ? createEmbeddedBroker()
      : await createKafkaBroker({ brokers: kafkaBrokers.split(",") });
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
    broker: new Proxy(broker, {
      get(target, name) {
        const method = Reflect.get(target, name, target) as (...args: unknown[]) => Promise<never>;
        if (name !== "consumer") return method.bind(target);
        return async (...args: unknown[]) => kept(await method.apply(target, args));
      },
    }),
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
