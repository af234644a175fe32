import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
import { clusterIdAt, newClusterId } from "./cluster-id.ts";
import { freePort } from "./daemon.ts";
import { oneNode } from "./settings.ts";

const kafkaImage = process.env["KAFKA_IMAGE"] || "apache/kafka:4.1.1";
const registryImage = process.env["REGISTRY_IMAGE"] || "apicurio/apicurio-registry-mem:2.6.13.Final";

const READY_MS = 120_000;

/** A broker and a schema registry in containers. */
export interface Containers {
  readonly bootstrap: string;
  readonly registryUrl: string;
  stop(): Promise<void>;
}

/** Throws if there is no container runtime, or if it can't get the images. */
export async function startContainers(): Promise<Containers> {
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const started = await Promise.allSettled([startKafka(host), startRegistry()]);
  const stop = async () => {
    await Promise.all(
      started.map((one) => (one.status === "fulfilled" ? one.value.container.stop() : undefined)),
    );
  };
  const [kafka, registry] = started;
  if (kafka.status === "fulfilled" && registry.status === "fulfilled") {
    return { bootstrap: kafka.value.bootstrap, registryUrl: registry.value.url, stop };
  }
  await stop();
  throw kafka.status === "rejected" ? kafka.reason : (registry as PromiseRejectedResult).reason;
}

/** On a port chosen beforehand, as the broker must know the address by which clients reach it. */
async function startKafka(host: string): Promise<{ bootstrap: string; container: StartedTestContainer }> {
  const port = await freePort();
  const bootstrap = `${host}:${port}`;
  const clusterId = newClusterId();
  const settings = oneNode("PLAINTEXT://0.0.0.0:9092", `PLAINTEXT://${bootstrap}`, "localhost:9093");
  const environment = Object.entries(settings).map(([name, value]) => [environmentName(name), value]);
  const container = await new GenericContainer(kafkaImage)
    .withEnvironment({ ...Object.fromEntries(environment), CLUSTER_ID: clusterId })
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(READY_MS)
    .start();
  const found = await clusterIdAt(bootstrap);
  if (found === clusterId) return { bootstrap, container };
  await container.stop();
  throw new Error(`Another cluster, ${found}, answers at ${bootstrap}.`);
}

/** `log.dirs` is `KAFKA_LOG_DIRS`, as Kafka's own image has it. */
function environmentName(setting: string): string {
  return `KAFKA_${setting.toUpperCase().replaceAll(".", "_")}`;
}

async function startRegistry(): Promise<{ url: string; container: StartedTestContainer }> {
  const container = await new GenericContainer(registryImage)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/apis/ccompat/v7/subjects", 8080))
    .withStartupTimeout(READY_MS)
    .start();
  return {
    url: `http://${container.getHost()}:${container.getMappedPort(8080)}/apis/ccompat/v7`,
    container,
  };
}
