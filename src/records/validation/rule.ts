/**
 * A rule says what is wrong with a value, or undefined. The text starts where the value's own name ends, so that
 * outer rules can put the path before it: `[3].powerWatts is -5; it must be from 0 to 5000`.
 */
export type Rule<T> = (value: T) => string | undefined;

/** From `min` to `max`, both allowed. NaN is outside of every range. */
export function range(min: number, max: number): Rule<number> {
  return (value) =>
    value >= min && value <= max ? undefined : ` is ${value}; it must be from ${min} to ${max}`;
}

/** Between two limits, neither allowed. */
export function between(min: number, max: number): Rule<number> {
  return (value) =>
    value > min && value < max ? undefined : ` is ${value}; it must be more than ${min} and less than ${max}`;
}

/** Text of this many characters. */
export function text(minLength: number, maxLength: number): Rule<string> {
  return ({ length }) =>
    length >= minLength && length <= maxLength
      ? undefined
      : ` has ${length} characters; it must have ${minLength} to ${maxLength}`;
}

/** null, or what the rule allows. */
export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return (value) => (value === null ? undefined : rule(value));
}

/** A list of this many items, each as the rule says. */
export function list<T>(minItems: number, maxItems: number, item: Rule<T>): Rule<readonly T[]> {
  return (values) => {
    if (values.length < minItems || values.length > maxItems) {
      return ` has ${values.length} items; it must have ${minItems} to ${maxItems}`;
    }
    for (let i = 0; i < values.length; i++) {
      const problem = item(values[i]!);
      if (problem !== undefined) return `[${i}]${problem}`;
    }
    return undefined;
  };
}

/** Rules for some fields of a record. */
export function fields<T extends object>(rules: { readonly [K in keyof T]?: Rule<T[K]> }): Rule<T> {
  const entries = Object.entries(rules) as [keyof T & string, Rule<T[keyof T]>][];
  return (value) => {
    for (const [name, rule] of entries) {
      const problem = rule(value[name]);
      if (problem !== undefined) return `.${name}${problem}`;
    }
    return undefined;
  };
}

/** A relation between fields, named by the field that is blamed. */
export function must<T extends object>(
  blamed: keyof T & string,
  holds: (value: T) => boolean,
  demand: string,
): Rule<T> {
  return (value) =>
    holds(value) ? undefined : `.${blamed} is ${describe(value[blamed])}; it must ${demand}`;
}

/** The first problem that any of the rules finds. */
export function all<T>(...rules: readonly Rule<T>[]): Rule<T> {
  return (value) => {
    for (const rule of rules) {
      const problem = rule(value);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export function isRising(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]!);
}

const DESCRIBED_CHARACTERS = 80;

function describe(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, DESCRIBED_CHARACTERS);
}
