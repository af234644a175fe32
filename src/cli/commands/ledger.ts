import { Command, Option } from "commander";
import { readTable } from "../../client/index.ts";
import type { LedgerEntry } from "../../records/index.ts";
import { type Grouping, groupings, type LedgerLine, ledgerLines, lineOf } from "../ledger/sums.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { instant } from "../runtime/inputs.ts";
import { type Cell, printJson, printTable } from "../runtime/print.ts";

interface LedgerChoice {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

const columns = [
  "cluster",
  "subjectKind",
  "subject",
  "startsAt",
  "durationMs",
  "revision",
  "final",
  "energyKwh",
  "gco2",
  "intensityKind",
  "requests",
  "requestsOverTarget",
  "samples",
] as const satisfies readonly (keyof LedgerEntry)[];

/** `carm ledger`: energy, carbon and service, as stated hour by hour. */
export function ledgerCommand(context: CliContext): Command {
  const show = withRange(new Command("show"))
    .description("Sum up a cluster's ledger: energy, carbon, requests, samples")
    .addOption(new Option("--by <group>", "what a line is").choices(groupings).default("subject"))
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", "\nExample:\n  carm ledger show lab --by day --from 2030-06-01T00:00:00Z")
    .action((cluster: string, options: LedgerChoice & { by: Grouping }) =>
      inSession(context, show, async (session) => {
        const entries = await entriesOf(context, session, cluster, options);
        const lines = ledgerLines(entries, options.by);
        const total = lineOf("total", entries);
        if (options.json) printJson(context.stdout, { lines, total });
        else printLines(context, options.by, lines.length === 0 ? [] : [...lines, total], cluster);
      }),
    );

  const exported = withRange(new Command("export"))
    .description("Print every entry of a cluster's ledger as CSV, one of each subject and hour")
    .option("--json", "print a JSON array instead")
    .addHelpText("after", "\nExample:\n  carm ledger export lab > ledger.csv")
    .action((cluster: string, options: LedgerChoice) =>
      inSession(context, exported, async (session) => {
        const entries = await entriesOf(context, session, cluster, options);
        if (options.json) printJson(context.stdout, entries);
        else context.stdout.write(csv(entries));
      }),
    );

  return [show, exported]
    .map((command) => withSettings(command))
    .reduce(
      (group, command) => group.addCommand(command),
      new Command("ledger").description("What was used and emitted, by job, service and time"),
    );
}

function withRange(command: Command): Command {
  return command
    .argument("<cluster>")
    .option("--from <time>", "hours that start at or after this time")
    .option("--to <time>", "hours that start before this time");
}

async function entriesOf(
  { nowMs }: CliContext,
  session: Session,
  cluster: string,
  { from, to }: LedgerChoice,
): Promise<LedgerEntry[]> {
  const startsAt = from === undefined ? Number.NEGATIVE_INFINITY : instant(from, nowMs());
  const endsAt = to === undefined ? Number.POSITIVE_INFINITY : instant(to, nowMs());
  return (await readTable("carm.ledger", { ...session, cluster }))
    .filter((entry) => entry.startsAt >= startsAt && entry.startsAt < endsAt)
    .sort((a, b) => a.startsAt - b.startsAt || (idOf(a) < idOf(b) ? -1 : 1));
}

function printLines(context: CliContext, by: Grouping, lines: readonly LedgerLine[], cluster: string): void {
  printTable(
    context.stdout,
    [by, "kWh", "g CO2", "provisional", "requests", "over target", "samples"],
    lines.map((line): Cell[] => [
      line.group,
      line.energyKwh.toFixed(3),
      line.gco2.toFixed(1),
      line.provisionalGco2.toFixed(1),
      line.requests,
      line.requestsOverTarget,
      Math.round(line.samples),
    ]),
    `${cluster} has no hour in its ledger yet; the first is stated two minutes after it is over`,
  );
}

function csv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map((entry) => columns.map((column) => cell(entry[column])).join(","));
  return `${[columns.join(","), ...rows].join("\n")}\n`;
}

function cell(value: LedgerEntry[(typeof columns)[number]]): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function idOf({ subjectKind, subject }: LedgerEntry): string {
  return `${subjectKind}/${subject}`;
}
