import { Counter, Gauge, type Registry } from "prom-client";

export type Labels = Readonly<Record<string, string>>;

/** One value under its labels. */
export type Sample = readonly [labels: Labels, value: number];

/**
 * One metric: what it is called, what it means, and how its values are read off a source. Names follow Prometheus: base
 * units, `_total` for counters. Every label has few values: clusters, zones, services, states; never jobs or GPUs.
 */
export interface Family<Source> {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly labels: readonly string[];
  samples(source: Source): Iterable<Sample>;
}

/** Registers families that read `source` whenever they are scraped. */
export function registerFamilies<Source>(
  registry: Registry,
  families: readonly Family<Source>[],
  source: Source,
): void {
  for (const family of families) {
    if (family.type === "gauge") registerGauge(registry, family, source);
    else registerCounter(registry, family, source);
  }
}

function registerGauge<Source>(registry: Registry, family: Family<Source>, source: Source): void {
  new Gauge({
    name: family.name,
    help: family.help,
    labelNames: [...family.labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of family.samples(source)) this.set(labels, value);
    },
  });
}

/** A counter must not fall: a sum that was corrected downwards stands still until it has caught up. */
function registerCounter<Source>(registry: Registry, family: Family<Source>, source: Source): void {
  const highest = new Map<string, number>();
  new Counter({
    name: family.name,
    help: family.help,
    labelNames: [...family.labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of family.samples(source)) {
        const key = family.labels.map((label) => labels[label] ?? "").join("\u0000");
        const shown = Math.max(value, highest.get(key) ?? 0);
        highest.set(key, shown);
        this.inc(labels, shown);
      }
    },
  });
}
