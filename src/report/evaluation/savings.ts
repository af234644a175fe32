import { competitors, foresightPolicy, maxPolicy, ownPolicy } from "../policy-names.ts";
import type { Amounts } from "./confidence.ts";

/** Key of the lower bound among the amounts. */
export const oracleKey = "oracle";

/** 1 − own ÷ other; null if either is missing or the other emitted nothing. */
function saving(own: number | undefined, other: number | undefined): number | null {
  return own === undefined || other === undefined || other <= 0 ? null : 1 - own / other;
}

export const savingVs = (policy: string, other: string) => (kg: Amounts) =>
  saving(kg.get(policy), kg.get(other));

/** Of CA-RM against the mean of several; null unless all were run. */
export const savingVsMean =
  (others: readonly string[]) =>
  (kg: Amounts): number | null => {
    if (!others.every((other) => kg.has(other))) return null;
    return saving(kg.get(ownPolicy), others.reduce((sum, other) => sum + kg.get(other)!, 0) / others.length);
  };

/** Part of what `limit` saves against MAX that the policy saves; null where the limit saves nothing. */
const shareOf = (policy: string, limit: string) => (kg: Amounts) => {
  const [own, max, least] = [kg.get(policy), kg.get(maxPolicy), kg.get(limit)];
  if (own === undefined || max === undefined || least === undefined || max <= least) return null;
  return (max - own) / (max - least);
};

export const shareOfForesight = (policy: string) => shareOf(policy, foresightPolicy);
export const shareOfOracle = (policy: string) => shareOf(policy, oracleKey);
export const competitorsWithoutMin = competitors.filter((policy) => policy !== "min");
