import { Command } from "commander";
import { CarmError } from "../records/index.ts";
import { demoCommand } from "./commands/demo.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { forecastBacktestCommand } from "./commands/forecast-backtest.ts";

const program = new Command("carm")
  .description("CA-RM: a carbon-aware resource manager for GPU clusters")
  .showHelpAfterError("(carm --help lists the commands)")
  .addCommand(demoCommand())
  .addCommand(evaluateCommand());
program.command("forecast").description("Forecasts of grid intensity").addCommand(forecastBacktestCommand());

try {
  await program.parseAsync();
} catch (error) {
  // A user's mistake gets its message; only a defect of ours shows where it happened.
  if (!(error instanceof CarmError)) throw error;
  process.stderr.write(`error: ${error.message} (${error.code})\n`);
  process.exitCode = 1;
}
