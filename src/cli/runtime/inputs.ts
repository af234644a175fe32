import { readFile } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import { parse } from "yaml";
import { CarmError } from "../../records/index.ts";

/** An instant: a full ISO time with its offset, or a number of hours or days from now, as in +36h or +3d. */
export function instant(text: string, nowMs: number): number {
  const relative = /^\+(\d+(?:\.\d+)?)(m|h|d)$/.exec(text);
  if (relative !== null) return nowMs + Number(relative[1]) * unitMs[relative[2] as keyof typeof unitMs];
  const at = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    const example =
      "Give a time with its offset, such as 2030-06-05T18:00:00Z, or a time from now, such as +36h.";
    throw new CarmError("ERR_OPTION_INVALID", `"${text}" is no time. ${example}`);
  }
  return at;
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A number, as an option's parser. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("Give a number.");
  return value;
}

/** The fields of a YAML or JSON file. Throws ERR_OPTION_INVALID. */
export async function readFields(file: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(await readFile(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new CarmError("ERR_OPTION_INVALID", `${file} can't be read: ${reason}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new CarmError("ERR_OPTION_INVALID", `${file} must hold fields, one a line, such as zone: DE`);
}

/** `host:port`, as an option's parser. */
export function splitAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^([^\s:]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError("Give host:port, for example 127.0.0.1:7070.");
}
