import { InvalidArgumentError } from "commander";
import { planners } from "../../planners/index.ts";
import type { ScenarioOptions } from "../../simulate/index.ts";

/** What `carm demo` was asked for, as commander hands it over. */
export interface DemoOptions {
  readonly zone: string;
  readonly days: number;
  readonly start: number;
  readonly gpus: number;
  readonly load: "low" | "high";
  readonly planner: readonly string[];
  readonly slack: number;
  readonly seed: number;
  readonly modelError: 0 | 1 | 2;
  readonly onSite?: { readonly kind: "solar" | "wind" | "both"; readonly share: number };
  readonly json?: boolean;
  readonly report?: string;
}

export function scenarioOptions(options: DemoOptions): ScenarioOptions {
  const { zone, start, days, gpus, load, slack, seed, modelError, onSite } = options;
  return { zone, startsAt: start, days, gpus, load, slack, seed, modelError, onSite: onSite ?? null };
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`);
  };
}

/** Records carry times from 2000 to 2099; what was before the start is replayed, too. */
const EARLIEST_START = Date.UTC(2001, 0, 1);
const LATEST_START = Date.UTC(2099, 0, 1);

/** A UTC date, or a date with a full hour. */
export function startTime(text: string): number {
  const match = /^\d{4}-\d\d-\d\d(T\d\d(:00(:00(\.000)?)?)?Z?)?$/.exec(text);
  const iso = text.length === 10 ? `${text}T00:00:00Z` : `${text.slice(0, 13)}:00:00Z`;
  const startsAt = Date.parse(iso);
  const exists =
    !Number.isNaN(startsAt) && new Date(startsAt).toISOString().slice(0, 10) === text.slice(0, 10);
  if (match !== null && exists && startsAt >= EARLIEST_START && startsAt < LATEST_START) return startsAt;
  throw new InvalidArgumentError(
    "Give a UTC date such as 2023-06-05, or a full hour such as 2023-06-05T06Z, from 2001 to 2098.",
  );
}

export function plannerNames(text: string): string[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const unknown = names.filter((name) => !Object.hasOwn(planners, name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(
    `There is no planner ${unknown.join(", ")}; there are ${Object.keys(planners).join(", ")}.`,
  );
}

export function onSiteSupply(text: string): DemoOptions["onSite"] {
  const match = /^(solar|wind|both):(\d*\.?\d+)$/.exec(text);
  const share = Number(match?.[2]);
  if (match !== null && share > 0 && share <= 5) {
    return { kind: match[1] as "solar" | "wind" | "both", share };
  }
  throw new InvalidArgumentError("Give solar, wind or both and a share of mean power, for example both:0.7.");
}
