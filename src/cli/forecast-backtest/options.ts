import { InvalidArgumentError } from "commander";
import { CarmError } from "../../records/index.ts";
import type { BacktestRange } from "./backtest.ts";
import { DAY_MS, type Feed, HOUR_MS } from "./feed.ts";

/** What `carm forecast backtest` was asked for, as commander hands it over. */
export interface BacktestOptions {
  readonly zone: readonly string[];
  readonly carbon?: string;
  readonly column?: string;
  readonly from?: number;
  readonly to?: number;
  readonly published?: string;
  readonly spoil?: number;
  readonly json?: boolean;
  readonly report?: string;
}

/** Without --from, issues start this long after the first row, or a year before the end if that is later. */
const DEFAULT_WARM_UP_DAYS = 30;
const DEFAULT_DAYS = 365;

export function addZone(zone: string, zones: readonly string[]): readonly string[] {
  return [...zones, zone];
}

/** A UTC date such as 2023-01-01, as epoch milliseconds. */
export function utcDate(text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return at;
  throw new InvalidArgumentError("Give a UTC date such as 2023-01-01.");
}

export function seed(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647) return value;
  throw new InvalidArgumentError("Give a whole number from 0 to 2147483647.");
}

/** Throws ERR_OPTION_INVALID, saying what would be right. */
export function checkOptions(options: BacktestOptions): void {
  const { carbon, zone, from, to, published } = options;
  if (carbon !== undefined && zone.length > 1) throw invalid("give one --zone with --carbon, or none");
  if (carbon === undefined && published !== undefined && zone.length !== 1) {
    throw invalid("--published is for one series: give one --zone, or --carbon");
  }
  if (from !== undefined && to !== undefined && to < from) throw invalid("--to is before --from");
}

/** The days to score. Throws ERR_OPTION_INVALID if the series has none of them. */
export function backtestRange(options: BacktestOptions, feed: Feed): BacktestRange {
  const warm = feed.fromMs + DEFAULT_WARM_UP_DAYS * DAY_MS;
  const toMs = options.to ?? feed.toMs - HOUR_MS;
  const fromMs = options.from ?? Math.max(warm, toMs - DEFAULT_DAYS * DAY_MS);
  if (fromMs < feed.toMs && toMs > feed.fromMs && fromMs <= toMs) return { fromMs, toMs };
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  throw invalid(
    `there is nothing to score from ${day(fromMs)} to ${day(toMs)}: the series runs from ${day(feed.fromMs)} to ${day(feed.toMs - 1)}`,
  );
}

function invalid(what: string): CarmError {
  return new CarmError("ERR_OPTION_INVALID", `${what}.`);
}
