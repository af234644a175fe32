import type { Happened } from "./simulation.ts";

/** What happened over many seeds. */
export class Totals {
  readonly counts = new Map<string, number>();

  add({ restores, ...counts }: Happened): void {
    for (const [name, count] of Object.entries(counts)) this.#add(name, count);
    for (const [reason, count] of restores) this.#add(`restored: ${reason}`, count);
  }

  /** What should have happened in so many runs and did not: without it they prove little. */
  missing(seeds: number): string[] {
    if (seeds < fewest) return [];
    return expected.filter((name) => (this.counts.get(name) ?? 0) === 0);
  }

  merge(other: ReadonlyMap<string, number>): void {
    for (const [name, count] of other) this.#add(name, count);
  }

  #add(name: string, count: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }
}

const fewest = 50;

const expected = [
  "crashes",
  "failures",
  "fenced",
  "handOvers",
  "fullDisks",
  "damagedFolders",
  "behind",
  "restored: empty",
  "restored: tail",
  "restored: corrupt",
  "restored: age",
];
