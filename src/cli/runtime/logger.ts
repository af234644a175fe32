import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Where lines go; a TTY gets readable ones, everything else JSON. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export function createLogger(level: string, output: Output): Logger {
  const destination = { write: (line: string) => void output.write(output.isTTY ? readable(line) : line) };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** `12:00:01 info  joined the group  partitions=12` */
function readable(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${inline(value)}`);
  const error = (err as { message?: string } | undefined)?.message;
  if (error !== undefined) details.push(error);
  const label = pino.levels.labels[level as number] ?? "";
  return `${String(time).slice(11, 19)} ${label.padEnd(5)} ${[msg, ...details].join("  ")}\n`;
}

function inline(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
