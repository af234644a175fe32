import { Command } from "commander";
import { createKafkaBroker, type KafkaBroker } from "../../broker/index.ts";
import { CarmError, type HttpRegistry, httpRegistry, topicDeclarations } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { required } from "../runtime/config.ts";
import { configOf, withSettings } from "../runtime/configured.ts";
import { kafkaOptions } from "../runtime/connect.ts";
import { createLogger } from "../runtime/logger.ts";
import { printJson, printTable } from "../runtime/print.ts";
import { apply, compare } from "../topics/compare.ts";
import type { Difference } from "../topics/plan.ts";
import { validateDeclarations } from "../topics/validate.ts";

interface TopicsChoice {
  readonly json?: boolean;
}

const help = `
What is declared comes with CA-RM: topics/*.yaml, one file a topic, and schemas/*.avsc. Settings of a topic that CA-RM
does not declare, such as min.insync.replicas, are left alone. New topics get the broker's default.replication.factor.

Example:
  export KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=…
  carm topics diff
  carm topics apply`;

/** `carm topics`: Kafka and the registry as topics/ and schemas/ declare them. */
export function topicsCommands(context: CliContext): Command[] {
  const diff = online(
    context,
    "diff",
    "Show what in Kafka and the registry differs from what is declared",
    show,
  );
  const applyAll = online(
    context,
    "apply",
    "Create and change topics, register schemas; refuses what would lose data, and then changes nothing",
    async (differences, { broker, registry, out }) => {
      const refused = differences.filter(({ refusal }) => refusal !== undefined);
      out(differences);
      if (refused.length > 0) throw refusalOf(refused);
      await apply(broker, registry, differences);
    },
  );
  const validate = new Command("validate")
    .description("Check the declarations themselves; needs no broker")
    .option("--json", "print JSON and nothing else on standard output")
    .action((options: TopicsChoice) => {
      validateDeclarations();
      const topics = topicDeclarations();
      if (options.json) printJson(context.stdout, topics);
      else {
        const head = ["topic", "schema", "key", "partitions", "cleanup", "timestamps"];
        const rows = topics.map((one) => [
          one.name,
          one.schema ?? "raw bytes",
          one.key,
          one.partitions,
          one.cleanup,
          one.timestamps,
        ]);
        printTable(context.stdout, head, rows, "no topics");
      }
    });
  return [diff, applyAll, validate];
}

interface Online {
  readonly broker: KafkaBroker;
  readonly registry: HttpRegistry;
  /** Prints the differences as chosen. */
  readonly out: (differences: readonly Difference[]) => void;
}

function online(
  context: CliContext,
  name: string,
  about: string,
  action: (differences: readonly Difference[], online: Online) => Promise<void>,
): Command {
  const command = new Command(name)
    .description(about)
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", help)
    .action(async (options: TopicsChoice) => {
      const config = await configOf(context, command);
      const url = required(config.schemaRegistry.url, "schemaRegistry.url");
      const registry = httpRegistry({ ...config.schemaRegistry, url });
      const log = createLogger(config.log.level, context.stderr);
      const broker = await createKafkaBroker(kafkaOptions(config, log));
      const out = (differences: readonly Difference[]) => print(context, differences, options);
      try {
        await action(await compare(broker, registry), { broker, registry, out });
      } finally {
        await broker.close();
      }
    });
  return withSettings(command);
}

async function show(differences: readonly Difference[], { out }: Online): Promise<void> {
  out(differences);
}

function print({ stdout }: CliContext, differences: readonly Difference[], { json }: TopicsChoice): void {
  if (json) {
    printJson(stdout, differences);
    return;
  }
  if (differences.length === 0) {
    stdout.write("Kafka and the registry are as declared.\n");
    return;
  }
  const rows = differences.map((one) => [one.name, one.what, one.found, one.declared, one.refusal ?? "–"]);
  printTable(stdout, ["name", "what", "found", "declared", "refused because"], rows, "");
}

function refusalOf(refused: readonly Difference[]): CarmError {
  const isSchema = refused.some(({ what }) => what === "schema");
  const list = refused.map(({ name, what, refusal }) => `${name} (${what}): ${refusal}`).join(" ");
  const advice = isSchema
    ? "Change the schema so that older records can still be read: new fields need defaults."
    : "To have other partitions, set up a new Kafka namespace and move clusters to it.";
  const message = `Nothing was changed. ${list} ${advice}`;
  return new CarmError(isSchema ? "ERR_SCHEMA_INCOMPATIBLE" : "ERR_PARTITIONS_FIXED", message);
}
