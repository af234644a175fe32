import { Command } from "commander";
import { createPublisher, readTable } from "../../client/index.ts";
import { carmProcessor } from "../../processor/index.ts";
import { profileLibrary } from "../../profiles/index.ts";
import { CarmError, type Cluster, type Decision, type Job, validateRecord } from "../../records/index.ts";
import { resumeCluster } from "../../stream/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { readFields } from "../runtime/inputs.ts";
import { printFields, printJson, printTable } from "../runtime/print.ts";
import { decisionLine } from "./decision.ts";
import { latestPolicy } from "./policy.ts";

const declareHelp = `
The file, for example lab.yaml:
  zone: DE                        # as Electricity Maps names it
  timeZone: Europe/Berlin
  pue: 1.2
  signal: average                 # or marginal
  pools:
    - { name: inference, purpose: inference, gpuModel: rtx-4090, gpus: 8 }
    - { name: training, purpose: training, gpuModel: rtx-4090, gpus: 24 }
  powerCapWatts: null

Examples:
  carm cluster declare lab --file lab.yaml
  carm cluster declare lab --file lab.yaml --no-profiles   # keep the profiles that were published before`;

/** `carm cluster`: what is planned together. */
export function clusterCommand(context: CliContext): Command {
  const declare = new Command("declare")
    .description(
      "Say what a cluster is: zone, PUE, pools of GPUs; publishes the library's profiles for its GPUs",
    )
    .argument("<cluster>")
    .requiredOption("--file <file>", "the declaration, YAML or JSON")
    .option("--no-profiles", "leave the profiles as they are")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", declareHelp)
    .action((name: string, options: { file: string; profiles: boolean; json?: boolean }) =>
      inSession(context, declare, async (session) => {
        const nowMs = context.nowMs();
        const fields = { powerCapWatts: null, ...(await readFields(options.file)) };
        const cluster = { ...fields, cluster: name, observedAt: nowMs } as unknown as Cluster;
        // The shape first: the rules rely on it.
        session.codec.encode("carm.clusters", cluster);
        validateRecord("carm.clusters", cluster);
        const profiles = options.profiles ? libraryProfiles(cluster, nowMs) : [];
        const publisher = await createPublisher(session.broker, session.codec);
        publisher.add("carm.clusters", cluster, nowMs);
        for (const profile of profiles) publisher.add("carm.profiles", profile, nowMs);
        await publisher.close();
        if (options.json) printJson(context.stdout, { cluster, profiles });
        else {
          const gpus = cluster.pools.reduce((sum, pool) => sum + pool.gpus, 0);
          const text = `declared ${name}: ${gpus} GPUs in ${cluster.pools.length} pools, zone ${cluster.zone}; ${profiles.length} profiles published`;
          context.stdout.write(`${text}\nIt is planned in shadow until carm policy set ${name} mode=live\n`);
          for (const model of unknownGpus(cluster)) {
            context.stderr.write(
              `warning: the library has no profile for ${model}; its pools are left alone\n`,
            );
          }
        }
      }),
    );

  const show = new Command("show")
    .description(
      "Show a cluster, its policy, jobs and the decisions in force; without a name, list all clusters",
    )
    .argument("[cluster]")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", "\nExamples:\n  carm cluster show\n  carm cluster show lab")
    .action((name: string | undefined, options: { json?: boolean }) =>
      inSession(context, show, async (session) => {
        if (name === undefined) return await listClusters(context, session, options);
        const found = await clusterState(session, name);
        if (options.json) printJson(context.stdout, found);
        else showCluster(context, found);
      }),
    );

  const resume = new Command("resume")
    .description("End the quarantine of a cluster whose processing had failed")
    .argument("<cluster>")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText(
      "after",
      "\nExample:\n  carm dead-letters list --cluster lab    # what failed\n  carm cluster resume lab",
    )
    .action((name: string, options: { json?: boolean }) =>
      inSession(context, resume, async (session) => {
        await resumeCluster(session.broker, session.codec, carmProcessor, name);
        if (options.json) printJson(context.stdout, { resumed: name });
        else context.stdout.write(`asked the processor to go on with ${name}\n`);
      }),
    );

  return [declare, show, resume]
    .map((command) => withSettings(command))
    .reduce(
      (group, command) => group.addCommand(command),
      new Command("cluster").description("Declare clusters, see how they stand, end a quarantine"),
    );
}

function libraryProfiles(cluster: Cluster, nowMs: number) {
  const models = new Set(cluster.pools.map(({ gpuModel }) => gpuModel));
  return profileLibrary
    .filter(({ gpu }) => models.has(gpu.model))
    .map((profile) => ({ ...profile, cluster: cluster.cluster, observedAt: nowMs }));
}

function unknownGpus({ pools }: Cluster): string[] {
  const known = new Set(profileLibrary.map(({ gpu }) => gpu.model));
  return [...new Set(pools.map(({ gpuModel }) => gpuModel))].filter((model) => !known.has(model));
}

async function declarationOf(session: Session, name: string): Promise<Cluster> {
  const found = (await readTable("carm.clusters", { ...session, cluster: name })).at(-1);
  if (found !== undefined) return found;
  const message = `there is no cluster ${name}; carm cluster declare ${name} --file … makes it known, carm cluster show lists those there are`;
  throw new CarmError("ERR_OPTION_INVALID", message);
}

async function listClusters(
  context: CliContext,
  session: Session,
  options: { json?: boolean },
): Promise<void> {
  const clusters = await readTable("carm.clusters", session);
  const policies = new Map(
    (await readTable("carm.policies", session)).map((policy) => [policy.cluster, policy]),
  );
  const rows = clusters
    .map((one) => ({ ...one, policy: policies.get(one.cluster) ?? null }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  if (options.json) return printJson(context.stdout, rows);
  printTable(
    context.stdout,
    ["cluster", "zone", "GPUs", "planner", "mode"],
    rows.map(({ cluster, zone, pools, policy }) => [
      cluster,
      zone,
      pools.reduce((sum, { gpus }) => sum + gpus, 0),
      policy?.planner ?? null,
      policy?.mode ?? "shadow (no policy)",
    ]),
    "no cluster is declared; carm cluster declare makes one known",
  );
}

async function clusterState(session: Session, name: string) {
  const declaration = await declarationOf(session, name);
  const of = { ...session, cluster: name };
  return {
    declaration,
    policy: (await latestPolicy(session, name)) ?? null,
    models: (await readTable("carm.profiles", of)).map(({ gpu, model, purpose }) => ({
      gpu: gpu.model,
      model,
      purpose,
    })),
    jobs: await readTable("carm.jobs", of),
    decisions: await readTable("carm.decisions", of),
  };
}

function showCluster(context: CliContext, state: Awaited<ReturnType<typeof clusterState>>): void {
  const { declaration, policy, models, jobs, decisions } = state;
  const { stdout } = context;
  printFields(stdout, [
    ["cluster", declaration.cluster],
    [
      "zone",
      `${declaration.zone} (${declaration.timeZone}), PUE ${declaration.pue}, ${declaration.signal} intensity`,
    ],
    ["power cap", declaration.powerCapWatts === null ? "none" : `${declaration.powerCapWatts} W`],
    [
      "policy",
      policy === null
        ? "none: planned in shadow"
        : `version ${policy.version}: ${policy.planner}, ${policy.mode}`,
    ],
    ["jobs", countsByState(jobs)],
    ["lease", leaseOf(decisions, context.nowMs())],
    ["models", models.map(({ model, gpu }) => `${model} on ${gpu}`).join(", ") || "no profiles"],
  ]);
  stdout.write("\n");
  printTable(
    stdout,
    ["pool", "purpose", "GPU", "GPUs"],
    declaration.pools.map(({ name, purpose, gpuModel, gpus }) => [name, purpose, gpuModel, gpus]),
    "no pools",
  );
  const open = new Set(jobs.filter(({ finishedAt }) => finishedAt === null).map(({ job }) => job));
  const standing = decisions.filter(({ target }) => target.kind === "service" || open.has(target.id));
  if (standing.length > 0)
    stdout.write(`\nDecided:\n${standing.map((one) => `  ${decisionLine(one)}\n`).join("")}`);
}

function countsByState(jobs: readonly Job[]): string {
  const groups = Map.groupBy(jobs, ({ state }) => state);
  return [...groups].map(([state, some]) => `${some.length} ${state}`).join(", ") || "none";
}

function leaseOf(decisions: readonly Decision[], nowMs: number): string {
  const lease = decisions.find(({ target }) => target.kind === "lease");
  if (lease === undefined) return "none: nothing was decided yet";
  if (lease.action === "release") return "released";
  const ageS = Math.round((nowMs - lease.observedAt) / 1000);
  const ended = nowMs - lease.observedAt > lease.leaseMs;
  return `renewed ${ageS} s ago${ended ? ": it has ended, no processor renews it" : ""}`;
}
