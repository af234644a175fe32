import { MAX_LONG } from "../avro.ts";
import type { Rule } from "./rule.ts";
import { list } from "./rule.ts";

type Schema = string | readonly Schema[] | { readonly [attribute: string]: unknown };

const INT_LIMIT = 2 ** 31;

/**
 * The rule that every number in a record is one that its Avro type can hold: doubles and floats are finite, ints have
 * 32 bits, longs are integers of at most 2^52. undefined if there is no number in the schema. Avro itself lets NaN through.
 */
export function numberRule(schema: Schema): Rule<never> | undefined {
  if (isUnion(schema)) {
    const rules = schema.map(numberRule).filter((rule) => rule !== undefined);
    return rules[0] && optional(rules[0]);
  }
  const type = typeof schema === "string" ? schema : schema["type"];
  switch (type) {
    case "double":
    case "float":
      return finite as Rule<never>;
    case "int":
      return int as Rule<never>;
    case "long":
      return long as Rule<never>;
    case "array":
      return arrayRule((schema as { items: Schema }).items);
    case "record":
      return recordRule((schema as { fields: readonly { name: string; type: Schema }[] }).fields);
    default:
      return typeof type === "object" ? numberRule(type as Schema) : undefined;
  }
}

function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema);
}

function finite(value: number): string | undefined {
  return Number.isFinite(value) ? undefined : ` is ${value}; it must be a finite number`;
}

function int(value: number): string | undefined {
  return Number.isInteger(value) && value >= -INT_LIMIT && value < INT_LIMIT
    ? undefined
    : ` is ${value}; it must be a 32-bit integer`;
}

function long(value: number): string | undefined {
  return Number.isInteger(value) && Math.abs(value) <= MAX_LONG
    ? undefined
    : ` is ${value}; it must be an integer of at most 2^52`;
}

function optional(rule: Rule<never>): Rule<never> {
  return (value) => (value === null ? undefined : rule(value));
}

function arrayRule(items: Schema): Rule<never> | undefined {
  const rule = numberRule(items);
  return rule && (list(0, Number.POSITIVE_INFINITY, rule) as Rule<never>);
}

function recordRule(fields: readonly { name: string; type: Schema }[]): Rule<never> | undefined {
  const rules: [string, Rule<never>][] = [];
  for (const { name, type } of fields) {
    const rule = numberRule(type);
    if (rule !== undefined) rules.push([name, rule]);
  }
  if (rules.length === 0) return undefined;
  return (record: Record<string, never>) => {
    for (const [name, rule] of rules) {
      const problem = rule(record[name]!);
      if (problem !== undefined) return `.${name}${problem}`;
    }
    return undefined;
  };
}
