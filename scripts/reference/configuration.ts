import { type Setting, settings } from "../../src/cli/runtime/settings.ts";
import { page, table } from "./markdown.ts";

/** Groups whose values are limits: many, alike, and only in the file. */
const limitGroups: ReadonlySet<string> = new Set(["stream", "agent"]);

export function configurationPage(): string {
  const isLimit = ({ key }: Setting) => limitGroups.has(key.split(".")[0]!);
  return page(
    "Configuration",
    [
      "Every command that uses Kafka takes its settings from a YAML file (`--config FILE`, or `CARM_CONFIG`), from the environment and from flags; what comes later in this list wins.",
      "`--print-config` prints what is in force, secrets hidden, as a file that `--config` reads again.",
    ].join("\n"),
    "```yaml\nkafka:\n  brokers: [kafka-1:9092, kafka-2:9092]\nschemaRegistry:\n  url: http://registry:8081\nhealth:\n  port: 8080\nstream:\n  tickIntervalMs: 1000\n```",
    table(
      ["key", "what it is", "default", "environment", "flag"],
      settings.filter((setting) => !isLimit(setting)).map(settingRow),
    ),
    "## Limits",
    "Whole numbers, in the file alone; units stand in the names. What each means is said where it is defined: the processor's in `src/stream/limits.ts`, the agents' in `src/agent/agent-limits.ts`.",
    table(
      ["key", "default"],
      settings.filter(isLimit).map((setting) => [`\`${setting.key}\``, defaultOf(setting)]),
    ),
    "## Health",
    "With `health.port` every process answers `/healthz` (200 while it can answer at all) and `/readyz` (200 once it does its work, before that 503 with what is missing).",
    "## Logs",
    "Logs go to standard error: readable lines on a terminal, one JSON object a line elsewhere. A command that asks one question logs errors only, unless `--log-level` says otherwise.",
  );
}

function settingRow(setting: Setting): string[] {
  const flag = setting.flag === undefined ? "" : `\`${setting.flag}\``;
  const env = setting.env === undefined ? "" : `\`${setting.env}\``;
  const about = setting.secret === true ? `${setting.about} (secret)` : setting.about;
  return [`\`${setting.key}\``, about, defaultOf(setting), env, flag];
}

function defaultOf({ shape }: Setting): string {
  const parsed = shape.safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : "";
}
