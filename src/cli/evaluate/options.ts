import { InvalidArgumentError } from "commander";
import type { ScenarioOptions } from "../../simulate/index.ts";

/** What `carm evaluate` was asked for, as commander hands it over. */
export interface EvaluateOptions {
  readonly planner?: readonly string[];
  readonly zone?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly starts?: number;
  readonly days: number;
  readonly gpus?: number;
  readonly load: readonly ("low" | "high")[];
  readonly slack: readonly number[];
  readonly seed: readonly number[];
  readonly modelError: 0 | 1 | 2;
  readonly onSite?: NonNullable<ScenarioOptions["onSite"]>;
  readonly setup: Setup;
  readonly carbon?: string;
  readonly column?: string;
  readonly requests?: string;
  readonly jobs?: string;
  readonly profiles?: string;
  readonly quick?: boolean;
  readonly oracle: boolean;
  readonly exportProblem?: string;
  readonly checkpoint?: string;
  readonly threads?: number;
  readonly json?: boolean;
  readonly report?: string;
}

export type Setup = "headroom" | "demo";

/** Where the input comes from: what a worker thread needs to read it again. */
export interface InputFiles {
  readonly traces: string | undefined;
  readonly carbon: string | undefined;
  readonly column: string;
  readonly requests: string | undefined;
  readonly jobs: string | undefined;
  readonly profiles: string | undefined;
}

export function inputFiles(options: EvaluateOptions, traces: string | undefined): InputFiles {
  const { carbon, requests, jobs, profiles } = options;
  return { traces, carbon, column: options.column ?? "gco2_per_kwh", requests, jobs, profiles };
}

/** A comma-separated list, each part read by `read`; the same twice counts once. */
export function listOf<T>(read: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.some((part) => part === "")) throw new InvalidArgumentError("Give values separated by commas.");
    return [...new Set(parts.map(read))];
  };
}

export function oneOf<T extends string>(...choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Give ${choices.join(" or ")}, not ${text}.`);
  };
}

/** A UTC date as the epoch milliseconds of its beginning. */
export function utcDay(text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return at;
  throw new InvalidArgumentError("Give a UTC date such as 2023-06-05.");
}
