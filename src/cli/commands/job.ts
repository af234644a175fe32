import { Command, Option } from "commander";
import { type CarmClient, createClient, type JobSubmission } from "../../client/index.ts";
import { CarmError, type Job, partitionOf } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { instant, number } from "../runtime/inputs.ts";
import { printFields, printJson, printTable, utc } from "../runtime/print.ts";

interface ClusterChoice {
  readonly cluster: string;
  readonly json?: boolean;
}

interface SubmitChoice extends ClusterChoice, Omit<JobSubmission, "job" | "deadlineAt" | "earliestStartAt"> {
  readonly deadline?: string;
  readonly earliestStart?: string;
}

const submitExample = `
What is left out gets the safe value: not pausable, not resizable, exactly the workers asked for, no deadline.

Examples:
  carm job submit bert-17 --cluster lab --pool training --model bert-large --workers 4 --samples 2e6 --deadline +36h
  carm job submit bert-18 --cluster lab --pool training --model bert-large --workers 4 --min 2 --max 8 \\
    --pausable --resizable --restart-cost 90 --deadline 2030-06-05T18:00:00+02:00`;

/** `carm job`: what people who submit training jobs need. */
export function jobCommand(context: CliContext): Command {
  const submit = onCluster(new Command("submit"))
    .description("Tell CA-RM of a training job")
    .argument("<job>", "the job's id, unique in its cluster")
    .requiredOption("--pool <name>", "pool of GPUs that it runs on")
    .requiredOption("--model <name>", "deep-learning model; carm cluster show lists those with a profile")
    .requiredOption("--workers <n>", "workers asked for, one GPU each", number)
    .option("--samples <n>", "work to do; unknown unless given", number)
    .option("--deadline <time>", "ISO time with its offset, or a time from now such as +36h")
    .addOption(
      new Option("--deadline-kind <kind>", "what a deadline means").choices(["hard", "soft"]).default("hard"),
    )
    .option("--earliest-start <time>", "not before this time")
    .option("--priority <n>", "higher goes first", number, 0)
    .option("--min <n>", "fewest workers it can run with", number)
    .option("--max <n>", "most workers it can run with", number)
    .option("--pausable", "it may be paused and resumed")
    .option("--resizable", "its workers may be changed while it runs")
    .option("--restart-cost <seconds>", "time without progress after each start, resume and resize", number)
    .addOption(
      new Option("--system <name>", "who runs it")
        .choices(["kubernetes", "slurm", "external"])
        .default("external"),
    )
    .option("--ref <text>", "the workload in its own system, for example namespace/name")
    .addHelpText("after", submitExample)
    .action((job: string, options: SubmitChoice & SubmitNumbers) =>
      withClient(context, submit, async (client) => {
        const submission = submissionOf(job, options, context.nowMs());
        const event = await client.submitJob(options.cluster, submission);
        if (options.json) printJson(context.stdout, event);
        else
          context.stdout.write(
            `submitted ${job} to ${options.cluster}; carm job status ${job} says what became of it\n`,
          );
      }),
    );

  const cancel = onCluster(new Command("cancel"))
    .description("Tell CA-RM that a job is cancelled; the workload itself is its scheduler's to end")
    .argument("<job>")
    .option("--reason <text>", "for people", "")
    .addHelpText("after", "\nExample:\n  carm job cancel bert-17 --cluster lab --reason 'wrong data'")
    .action((job: string, options: ClusterChoice & { reason: string }) =>
      withClient(context, cancel, async (client) => {
        await known(client, options.cluster, job);
        const event = await client.cancelJob(options.cluster, job, options.reason);
        if (options.json) printJson(context.stdout, event);
        else context.stdout.write(`cancelled ${job} in ${options.cluster}\n`);
      }),
    );

  const status = onCluster(new Command("status"))
    .description("Say what became of a job, what is planned, and what it emitted so far")
    .argument("<job>")
    .addHelpText("after", "\nExample:\n  carm job status bert-17 --cluster lab")
    .action((job: string, options: ClusterChoice) =>
      withClient(context, status, async (client, { broker }) => {
        const found = await known(client, options.cluster, job);
        const partition = partitionOf(options.cluster, await broker.partitionCount("carm.jobs"));
        if (options.json) printJson(context.stdout, found);
        else printFields(context.stdout, [...jobFields(found), ["partition", partition]]);
      }),
    );

  const list = onCluster(new Command("list"))
    .description("List a cluster's jobs")
    .option("--state <names>", "only these states, comma-separated, for example waiting,running")
    .addHelpText("after", "\nExample:\n  carm job list --cluster lab --state waiting,running")
    .action((options: ClusterChoice & { state?: string }) =>
      withClient(context, list, async (client) => {
        const states = options.state?.split(",");
        const jobs = (await client.jobs(options.cluster))
          .filter(({ state }) => states?.includes(state) ?? true)
          .sort((a, b) => a.submittedAt - b.submittedAt);
        if (options.json) printJson(context.stdout, jobs);
        else printTable(context.stdout, jobHead, jobs.map(jobRow), "no such jobs");
      }),
    );

  const commands = [submit, cancel, status, list].map((command) => withSettings(command));
  return commands.reduce(
    (group, command) => group.addCommand(command),
    new Command("job").description("Submit training jobs and see what became of them"),
  );
}

interface SubmitNumbers {
  readonly min?: number;
  readonly max?: number;
  /** Seconds. */
  readonly restartCost?: number;
}

function submissionOf(job: string, options: SubmitChoice & SubmitNumbers, nowMs: number): JobSubmission {
  const { pool, model, workers, samples, deadline, deadlineKind, earliestStart, priority, min, max } =
    options;
  const { pausable, resizable, restartCost, system, ref } = options;
  return {
    job,
    pool,
    model,
    workers,
    samples,
    deadlineAt: deadline === undefined ? undefined : instant(deadline, nowMs),
    deadlineKind,
    earliestStartAt: earliestStart === undefined ? undefined : instant(earliestStart, nowMs),
    priority,
    minWorkers: min,
    maxWorkers: max,
    pausable,
    resizable,
    restartCostMs: restartCost === undefined ? undefined : Math.round(restartCost * 1000),
    system,
    ref,
  };
}

/** Adds the options that every command about one cluster has. */
export function onCluster(command: Command): Command {
  return command
    .requiredOption("--cluster <name>", "the cluster")
    .option("--json", "print JSON and nothing else on standard output");
}

/** Runs an action with a client on the configured log. */
export async function withClient(
  context: CliContext,
  command: Command,
  action: (client: CarmClient, session: Session) => Promise<void>,
): Promise<void> {
  await inSession(context, command, async (session) => {
    const client = await createClient({ ...session, now: context.nowMs });
    await action(client, session);
    await client.close();
  });
}

async function known(client: CarmClient, cluster: string, job: string): Promise<Job> {
  const found = await client.job(cluster, job);
  if (found !== undefined) return found;
  const advice = `carm job list --cluster ${cluster} shows those it has. A job appears once a processor has taken it in; a refused one is in carm dead-letters list.`;
  throw new CarmError("ERR_OPTION_INVALID", `${cluster} has no job ${job}. ${advice}`);
}

const jobHead = [
  "job",
  "state",
  "model",
  "workers",
  "progress",
  "deadline",
  "expected finish",
  "gCO2",
  "why",
];

function jobRow(job: Job) {
  return [
    job.job,
    job.state,
    job.model,
    job.workers,
    progressOf(job),
    `${utc(job.deadlineAt)}${job.deadlineMissed ? " missed" : ""}`,
    utc(job.finishedAt ?? job.expectedFinishAt),
    Math.round(job.gco2),
    job.why,
  ];
}

function jobFields(job: Job): (readonly [string, string | number | null])[] {
  return [
    ["job", job.job],
    ["cluster", job.cluster],
    ["state", job.state],
    ["why", job.why],
    ["model", job.model],
    ["submitted", utc(job.submittedAt)],
    ["planned start", utc(job.plannedStartAt)],
    ["started", utc(job.startedAt)],
    ["expected finish", utc(job.expectedFinishAt)],
    ["finished", utc(job.finishedAt)],
    ["deadline", `${utc(job.deadlineAt)}${job.deadlineMissed ? " (missed)" : ""}`],
    ["workers now", job.workers],
    ["core clock", job.smClockMhz === null ? "the hardware's own" : `${job.smClockMhz} MHz`],
    ["progress", progressOf(job)],
    ["energy", `${job.energyKwh.toFixed(3)} kWh`],
    ["emitted so far", `${job.gco2.toFixed(0)} gCO2`],
  ];
}

function progressOf({ samples, samplesDone }: Job): string {
  return samples === null ? `${samplesDone} samples` : `${Math.floor((100 * samplesDone) / samples)} %`;
}
