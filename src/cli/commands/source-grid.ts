import { Command, Option } from "commander";
import { CarmError } from "../../records/index.ts";
import {
  electricityMaps,
  entsoe,
  type GridSource,
  ukCarbonIntensity,
  wattTime,
} from "../../sources/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { number } from "../runtime/inputs.ts";
import { runGridSource } from "../runtime/run-source.ts";

interface GridChoice {
  readonly zone: string;
  readonly intervalMinutes: number;
  readonly baseUrl?: string;
}

/** `carm source electricity-maps`, `watttime`, `uk-carbon-intensity`, `entsoe`: live carbon intensity. */
export function gridSourceCommands(context: CliContext): Command[] {
  return [electricityMapsCommand, wattTimeCommand, ukCommand, entsoeCommand].map((make) => make(context));
}

function electricityMapsCommand(context: CliContext): Command {
  const command = new Command("electricity-maps")
    .description("Publish intensity and forecasts of Electricity Maps (token in ELECTRICITY_MAPS_TOKEN)")
    .requiredOption("--zone <zone>", "grid zone, for example DE")
    .addOption(
      new Option("--emission-factors <kind>", "which emissions count")
        .choices(["lifecycle", "direct"])
        .default("lifecycle"),
    )
    .option("--no-forecast", "for plans without forecasts: CA-RM makes its own in any case");
  return gridCommand<GridChoice & { emissionFactors: "lifecycle" | "direct"; forecast: boolean }>(
    context,
    command,
    15,
    ({ zone, emissionFactors, forecast, baseUrl }) =>
      electricityMaps({
        zone,
        emissionFactors,
        withForecast: forecast,
        token: secret(context, "ELECTRICITY_MAPS_TOKEN"),
        ...(baseUrl === undefined ? {} : { baseUrl }),
      }),
  );
}

function wattTimeCommand(context: CliContext): Command {
  const command = new Command("watttime")
    .description("Publish marginal emissions of WattTime (WATTTIME_USERNAME, WATTTIME_PASSWORD)")
    .requiredOption("--zone <zone>", "grid zone as the clusters name it, for example US-CAL-CISO")
    .requiredOption("--region <region>", "the same as WattTime names it, for example CAISO_NORTH")
    .option("--no-forecast", "for plans without forecasts");
  return gridCommand<GridChoice & { region: string; forecast: boolean }>(
    context,
    command,
    60,
    ({ zone, region, forecast, baseUrl }) =>
      wattTime({
        zone,
        region,
        withForecast: forecast,
        username: secret(context, "WATTTIME_USERNAME"),
        password: secret(context, "WATTTIME_PASSWORD"),
        ...(baseUrl === undefined ? {} : { baseUrl }),
      }),
  );
}

function ukCommand(context: CliContext): Command {
  const command = new Command("uk-carbon-intensity").description(
    "Publish intensity and forecasts of NESO for Great Britain (no token)",
  );
  return gridCommand<GridChoice>(context, command, 15, ({ baseUrl }) =>
    ukCarbonIntensity(baseUrl === undefined ? {} : { baseUrl }),
  );
}

function entsoeCommand(context: CliContext): Command {
  const command = new Command("entsoe")
    .description("Publish intensity computed from the generation that ENTSO-E reports (ENTSOE_TOKEN)")
    .requiredOption("--zone <zone>", "grid zone as the clusters name it, for example DE")
    .requiredOption("--eic <code>", "bidding zone, for example 10Y1001A1001A82H for DE-LU");
  return gridCommand<GridChoice & { eic: string }>(context, command, 15, ({ zone, eic, baseUrl }) =>
    entsoe({
      zone,
      eic,
      token: secret(context, "ENTSOE_TOKEN"),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    }),
  );
}

function gridCommand<Choice extends GridChoice>(
  context: CliContext,
  command: Command,
  intervalMinutes: number,
  source: (choice: Choice) => GridSource,
): Command {
  command
    .option(
      "--interval-minutes <n>",
      "time between two questions; mind the plan's quota",
      number,
      intervalMinutes,
    )
    .option("--base-url <url>", "another address of the provider, for example a cache")
    .addHelpText(
      "after",
      "\nPublishes for every cluster that is declared in the zone and planned by this kind of signal. A provider that fails is\nasked again later and later; CA-RM meanwhile goes on with its own forecast.",
    )
    .action((choice: Choice) =>
      inSession(context, command, (session) =>
        runGridSource(context, session, source(choice), choice.intervalMinutes * 60_000),
      ),
    );
  return withSettings(command, ["health"]);
}

/** Secrets come from the environment only: a command line can be read by everybody. */
function secret(context: CliContext, name: string): string {
  const value = context.env[name];
  if (value) return value;
  throw new CarmError("ERR_CONFIG_INVALID", `${name} is not set; put the provider's secret there`);
}
