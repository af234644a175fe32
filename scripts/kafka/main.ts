/** `npm run kafka`: a broker and a schema registry for a developer, until Ctrl-C. */
import { Command } from "commander";
import { startLocal } from "./local.ts";

const say = (line: string) => process.stderr.write(`${line}\n`);

const { port, registryPort } = new Command("npm run kafka --")
  .description(
    "Starts Apache Kafka and Apicurio Registry on this machine. Their data is removed when they stop.",
  )
  .option("--port <port>", "port of the broker; a free one by default", Number, 0)
  .option("--registry-port <port>", "port of the schema registry; a free one by default", Number, 0)
  .parse()
  .opts<{ port: number; registryPort: number }>();

try {
  const local = await startLocal(say, { kafka: port, registry: registryPort });
  const { kafka, registry } = local;
  say(`Apache Kafka, cluster ${kafka.clusterId}, PID ${kafka.pid}; Apicurio Registry, PID ${registry.pid}.`);
  say(`Logs are in ${local.folder}. In another shell:\n`);
  process.stdout.write(
    `export KAFKA_BROKERS=${kafka.bootstrap}\nexport SCHEMA_REGISTRY_URL=${registry.url}\n`,
  );
  say("\nCtrl-C stops both and removes their data.");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void local.stop());
} catch (error) {
  say(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
