import { Command } from "commander";
import { carmProcessor } from "../../processor/index.ts";
import { CarmError } from "../../records/index.ts";
import { type Verification, verifyPartition } from "../../stream/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { number } from "../runtime/inputs.ts";
import { printJson, printTable } from "../runtime/print.ts";

const help = `
Takes the input of each partition again, in the order that the processors' transactions recorded, and compares decisions,
plans, ledger, jobs, dead letters and state with what is on the log, byte for byte. Processors and sources should rest,
and the log must still hold every record since the first: this is for trials, not for a log that has run for months.

Examples:
  carm processor verify
  carm processor verify --partition 3 --json`;

/** `carm processor verify`: whether the log holds what its input comes to. */
export function processorVerifyCommand(context: CliContext): Command {
  const command = new Command("verify")
    .description("Check that every record counted once and that all outputs follow from the input")
    .option("--partition <n>", "this one alone", number)
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", help)
    .action((options: { partition?: number; json?: boolean }) =>
      inSession(context, command, async ({ broker, codec, config }) => {
        const count = await broker.partitionCount(carmProcessor.inputs[0]!);
        if (options.partition !== undefined && options.partition >= count) {
          throw new CarmError("ERR_OPTION_INVALID", `--partition must be below ${count}.`);
        }
        const all = Array.from({ length: count }, (_, i) => i);
        const partitions = options.partition === undefined ? all : [options.partition];
        const results: (Verification & { partition: number })[] = [];
        for (const partition of partitions) {
          const limits = config.stream;
          const result = await verifyPartition({
            broker,
            codec,
            processor: carmProcessor,
            partition,
            limits,
          });
          results.push({ partition, ...result });
        }
        if (options.json) printJson(context.stdout, results);
        else print(context, results);
        const differences = results.flatMap((result) => result.differences).length;
        if (differences > 0) {
          const message = `${differences} differences between the log and the fold of its input`;
          throw new CarmError("ERR_LOG_DIFFERS", message);
        }
      }),
    );
  return withSettings(command);
}

function print(context: CliContext, results: readonly (Verification & { partition: number })[]): void {
  printTable(
    context.stdout,
    ["partition", "transactions", "records in", "records out", "state entries", "differences"],
    results.map(({ partition, transactions, inputRecords, outputRecords, stateEntries, differences }) => [
      String(partition),
      String(transactions),
      String(inputRecords),
      String(outputRecords),
      String(stateEntries),
      String(differences.length),
    ]),
    "no partitions",
  );
  for (const { partition, differences } of results) {
    for (const difference of differences) context.stdout.write(`partition ${partition}: ${difference}\n`);
  }
}
