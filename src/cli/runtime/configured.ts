import { type Command, Option } from "commander";
import type { CliContext, Connection } from "./cli-context.ts";
import { loadConfig, printConfig } from "./config.ts";
import { createLogger, type Logger } from "./logger.ts";
import { type Config, type Setting, settings } from "./settings.ts";

/** What a command that uses the log works with. */
export interface Session extends Connection {
  readonly config: Config;
  readonly log: Logger;
}

/** Settings whose flags a command has, by group. */
export type SettingGroup = "kafka" | "schemaRegistry" | "state" | "health" | "log";

const connectionGroups: readonly SettingGroup[] = ["kafka", "schemaRegistry", "log"];

/** Adds `--config`, `--print-config` and the flags of these groups of settings. */
export function withSettings(command: Command, groups: readonly SettingGroup[] = []): Command {
  for (const { option } of flagsOf([...connectionGroups, ...groups])) {
    command.addOption(option.helpGroup("Configuration:"));
  }
  return command
    .addOption(
      new Option("--config <file>", "YAML file of settings (env: CARM_CONFIG)").helpGroup("Configuration:"),
    )
    .addOption(
      new Option(
        "--print-config",
        "print the settings in force, secrets hidden, and do nothing else",
      ).helpGroup("Configuration:"),
    );
}

/**
 * Reads the configuration, connects, runs the action and closes again. With `--print-config` it only prints. Throws
 * ERR_CONFIG_INVALID and what the action throws.
 */
export async function inSession(
  context: CliContext,
  command: Command,
  action: (session: Session) => Promise<void>,
): Promise<void> {
  const config = await configOf(context, command);
  if (command.opts()["printConfig"] === true) {
    context.stdout.write(printConfig(config));
    return;
  }
  const log = createLogger(logLevel(command, config), context.stderr);
  const connection = await context.connect(config, log);
  try {
    await action({ ...connection, config, log });
  } finally {
    await connection.close();
  }
}

/** Who asks one question wants its answer, not what was tried again on the way. */
function logLevel(command: Command, { log }: Config): string {
  const isDaemon = command.options.some((option) => option.attributeName() === "healthPort");
  return isDaemon || command.getOptionValueSource("logLevel") === "cli" ? log.level : "error";
}

/** The configuration that a command was given. */
export async function configOf(context: CliContext, command: Command): Promise<Config> {
  const flags = new Map<string, unknown>();
  for (const { setting, option } of flagsOf()) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === "cli") flags.set(setting.key, command.getOptionValue(name));
  }
  const file = command.opts()["config"] ?? (context.env["CARM_CONFIG"] || undefined);
  return await loadConfig({ file, env: context.env, flags });
}

function flagsOf(groups?: readonly string[]): { readonly setting: Setting; readonly option: Option }[] {
  return settings
    .filter(({ key, flag }) => flag !== undefined && (groups?.includes(key.split(".")[0]!) ?? true))
    .map((setting) => {
      const also = setting.env === undefined ? "" : ` (env: ${setting.env})`;
      return { setting, option: new Option(setting.flag!, `${setting.about}${also}`) };
    });
}
