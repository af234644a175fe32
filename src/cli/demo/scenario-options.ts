import { type Command, Option } from "commander";
import { planners } from "../../planners/index.ts";
import { numberBetween, onSiteSupply, plannerNames, startTime, wholeNumber } from "./options.ts";

const DEFAULT_START = "2023-06-05";

/** CA-RM and the four that it is compared with. */
const comparedPlanners = ["ca-rm", "max", "min", "power-cap", "energy-cost"];

/** The options that choose a scenario and the planners that live through it. */
export function addScenarioOptions(command: Command, defaultPlanners = [...comparedPlanners]): Command {
  return command
    .option("--zone <zone>", "grid zone, as Electricity Maps names it", "DE")
    .option("--days <n>", "simulated days", wholeNumber(1, 60), 3)
    .addOption(
      new Option("--start <date>", "first day or hour, UTC")
        .argParser(startTime)
        .default(startTime(DEFAULT_START), DEFAULT_START),
    )
    .option("--gpus <n>", "GPUs in the cluster", wholeNumber(8, 1024), 32)
    .addOption(new Option("--load <load>", "peak request rate").choices(["low", "high"]).default("low"))
    .addOption(
      new Option("--planner <names>", `of ${Object.keys(planners).join(", ")}: which to run, comma-separated`)
        .argParser(plannerNames)
        .default(defaultPlanners, defaultPlanners.join(",")),
    )
    .option("--slack <factor>", "deadline = submission + slack × duration", numberBetween(1, 20), 2)
    .option("--seed <n>", "seed of everything that is drawn", wholeNumber(0, 2_147_483_647), 1)
    .option(
      "--model-error <n>",
      "how far the machines differ from their profiles: 0, 1, 2",
      wholeNumber(0, 2),
      1,
    )
    .option(
      "--on-site <kind:share>",
      "on-site supply, for example both:0.7 of MAX's mean power",
      onSiteSupply,
    );
}
