import { CarmError } from "../errors.ts";
import type { TopicRecords } from "../records.generated.ts";
import { recordSchemaText, type TopicName } from "../topics.ts";
import { clusterName, noCluster, timestamp } from "./common-rules.ts";
import { actuation, gpuTelemetry, gridIntensity, jobEvent, requestRate } from "./input-rules.ts";
import { numberRule } from "./numbers.ts";
import {
  deadLetter,
  decision,
  forecast,
  interleaving,
  job,
  ledgerEntry,
  plan,
  tick,
} from "./output-rules.ts";
import { all, fields, type Rule } from "./rule.ts";
import { cluster, policy, profile } from "./setting-rules.ts";

/** What must be true of the records of each topic, beyond the shape that the schema gives. */
const topicRules: { readonly [T in TopicName]: Rule<TopicRecords[T]> } = {
  "carm.actuations": actuation,
  "carm.clusters": cluster,
  "carm.dead-letters": deadLetter,
  "carm.decisions.shadow": decision,
  "carm.decisions": decision,
  "carm.forecasts": forecast,
  "carm.gpu-telemetry": gpuTelemetry,
  "carm.grid-intensity": gridIntensity,
  "carm.interleavings": interleaving,
  "carm.job-events": jobEvent,
  "carm.jobs": job,
  "carm.ledger": ledgerEntry,
  "carm.plans": plan,
  "carm.policies": policy,
  "carm.profiles": profile,
  "carm.request-rate": requestRate,
  "carm.ticks": tick,
};

/** Topics whose records are of a cluster only if it can be told, or of a whole partition. */
const clusterRules: { readonly [T in TopicName]?: Rule<string> } = {
  "carm.dead-letters": () => undefined,
  "carm.interleavings": noCluster,
  "carm.ticks": noCluster,
};

/** Complete rules by topic, made when first needed. */
const rules = new Map<TopicName, Rule<never>>();

/** Throws ERR_RECORD_INVALID, naming the field, its value and the limit, for a record that can't be true. */
export function validateRecord<T extends TopicName>(topic: T, value: TopicRecords[T]): void {
  const problem = ruleOf(topic)(value as never);
  // Every rule's text starts with the "." before the field's name.
  if (problem !== undefined) throw new CarmError("ERR_RECORD_INVALID", `${topic}: ${problem.slice(1)}.`);
}

function ruleOf(topic: TopicName): Rule<never> {
  let rule = rules.get(topic);
  if (rule === undefined) {
    const numbers = numberRule(JSON.parse(recordSchemaText(topic))) as Rule<object>;
    const common = fields<{ cluster: string; observedAt: number }>({
      cluster: clusterRules[topic] ?? clusterName,
      observedAt: timestamp,
    });
    rule = all(numbers, common as Rule<object>, topicRules[topic] as Rule<object>) as Rule<never>;
    rules.set(topic, rule);
  }
  return rule;
}
