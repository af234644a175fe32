import { Command } from "commander";
import { readHistory, type ServiceDeclaration } from "../../client/index.ts";
import type { JobEvent, ServiceSpec } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { withSettings } from "../runtime/configured.ts";
import { number } from "../runtime/inputs.ts";
import { printJson, printTable } from "../runtime/print.ts";
import { onCluster, withClient } from "./job.ts";

interface ServiceChoice extends Omit<ServiceDeclaration, "service" | "latencyQuantile" | "latencyTargetMs"> {
  readonly cluster: string;
  readonly json?: boolean;
  readonly quantile: number;
  readonly targetMs: number;
}

/** `carm service`: what people who run inference services need. */
export function serviceCommand(context: CliContext): Command {
  const declare = onCluster(new Command("declare"))
    .description("Tell CA-RM of an inference service, or change what it was told")
    .argument("<service>", "the service's id, unique in its cluster")
    .requiredOption("--pool <name>", "pool of GPUs that serves it")
    .requiredOption("--model <name>", "deep-learning model; carm cluster show lists those with a profile")
    .requiredOption("--gpus <n>", "GPUs that serve it, load spread evenly", number)
    .requiredOption("--target-ms <ms>", "latency target", number)
    .option("--quantile <q>", "share of requests that must meet the target", number, 0.99)
    .addHelpText(
      "after",
      "\nExample:\n  carm service declare chat --cluster lab --pool inference --model llama-7b --gpus 4 --target-ms 250",
    )
    .action((service: string, options: ServiceChoice) =>
      withClient(context, declare, async (client) => {
        const { cluster, pool, model, gpus, quantile, targetMs } = options;
        const declaration = {
          service,
          pool,
          model,
          gpus,
          latencyQuantile: quantile,
          latencyTargetMs: targetMs,
        };
        const event = await client.declareService(cluster, declaration);
        if (options.json) printJson(context.stdout, event);
        else context.stdout.write(`declared ${service} in ${cluster}\n`);
      }),
    );

  const remove = onCluster(new Command("remove"))
    .description("Tell CA-RM that a service is no more")
    .argument("<service>")
    .addHelpText("after", "\nExample:\n  carm service remove chat --cluster lab")
    .action((service: string, options: { cluster: string; json?: boolean }) =>
      withClient(context, remove, async (client) => {
        const event = await client.removeService(options.cluster, service);
        if (options.json) printJson(context.stdout, event);
        else context.stdout.write(`removed ${service} from ${options.cluster}\n`);
      }),
    );

  const list = onCluster(new Command("list"))
    .description("List a cluster's services and the clocks decided for them")
    .addHelpText("after", "\nExample:\n  carm service list --cluster lab")
    .action((options: { cluster: string; json?: boolean }) =>
      withClient(context, list, async (client, session) => {
        const { cluster } = options;
        const declared = latestDeclarations(
          (await readHistory("carm.job-events", { ...session, cluster })).map(({ value }) => value),
        );
        const decisions = await client.decisions(cluster);
        const services = [...declared].map(([service, spec]) => {
          const decision = decisions.find(({ target }) => target.kind === "service" && target.id === service);
          const { smClockMhz = null, reason } = decision ?? {};
          return { service, ...spec, smClockMhz, reason: reason?.code ?? null };
        });
        if (options.json) printJson(context.stdout, services);
        else
          printTable(
            context.stdout,
            ["service", "pool", "model", "gpus", "target", "clock", "reason"],
            services.map((one) => [
              one.service,
              one.pool,
              one.model,
              one.gpus,
              `${one.latencyQuantile * 100} % in ${one.latencyTargetMs} ms`,
              one.smClockMhz === null ? null : `${one.smClockMhz} MHz`,
              one.reason,
            ]),
            `${cluster} has no services`,
          );
      }),
    );

  return [declare, remove, list]
    .map((command) => withSettings(command))
    .reduce(
      (group, command) => group.addCommand(command),
      new Command("service").description("Declare inference services and see their clocks"),
    );
}

/** What was last declared of each service that was not removed since. Declarations stand as long as the topic keeps them. */
function latestDeclarations(events: readonly JobEvent[]): Map<string, ServiceSpec> {
  const services = new Map<string, ServiceSpec>();
  for (const { type, subject, service } of events) {
    if (type === "service_declared" && service !== null) services.set(subject, service);
    else if (type === "service_removed") services.delete(subject);
  }
  return services;
}
