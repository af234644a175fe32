import { Command } from "commander";
import { follow } from "../../client/index.ts";
import type { Decision } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { printJson, utc } from "../runtime/print.ts";

interface TailChoice {
  readonly cluster?: string;
  readonly shadow?: boolean;
  readonly fromBeginning?: boolean;
  readonly json?: boolean;
}

/** `carm decision tail`: what is being decided, and why. */
export function decisionCommand(context: CliContext): Command {
  const tail = new Command("tail")
    .description("Follow decisions as they are made, each with its reason in numbers")
    .option("--cluster <name>", "one cluster alone")
    .option("--shadow", "what would have been decided, for clusters in shadow")
    .option("--from-beginning", "start with what the topic still holds")
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExample:\n  carm decision tail --cluster lab\n\nCtrl-C ends it.")
    .action((options: TailChoice) =>
      inSession(context, tail, async (session) => {
        const topic = options.shadow ? "carm.decisions.shadow" : "carm.decisions";
        const records = follow(topic, {
          ...session,
          cluster: options.cluster,
          from: options.fromBeginning ? "beginning" : "end",
          signal: context.signal,
        });
        for await (const { value } of records) {
          if (options.json) printJson(context.stdout, value);
          else context.stdout.write(`${decisionLine(value)}\n`);
        }
      }),
    );
  return new Command("decision").description("See what is decided and why").addCommand(withSettings(tail));
}

/** One line for people. */
export function decisionLine({
  observedAt,
  cluster,
  target,
  action,
  workers,
  smClockMhz,
  reason,
}: Decision): string {
  const parts = [`${utc(observedAt)}  ${cluster}  ${target.kind} ${target.id}`.trimEnd(), action];
  if (workers !== null) parts.push(`${workers} workers`);
  if (smClockMhz !== null) parts.push(`${smClockMhz} MHz`);
  const numbers: readonly (readonly [number | null, (value: number) => string])[] = [
    [reason.gco2PerKwh, (value) => `${value.toFixed(0)} g/kWh now`],
    [reason.forecastGco2PerKwh, (value) => `${value.toFixed(0)} g/kWh forecast`],
    [reason.expectedPowerWatts, (value) => `${value.toFixed(0)} W`],
    [reason.expectedGrams, (value) => `${value.toFixed(0)} g`],
    [reason.expectedLatencyMs, (value) => `${value.toFixed(0)} ms`],
    [reason.expectedFinishAt, (value) => `done ${utc(value)}`],
  ];
  const why = numbers.flatMap(([value, text]) => (value === null ? [] : [text(value)]));
  return `${parts.join("  ")}  (${[`${reason.planner}: ${reason.code}`, ...why].join(", ")})`;
}
