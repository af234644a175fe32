import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Numbers that follow from a seed. */
export interface Random {
  /** A whole number, both ends included. */
  draw(min: number, max: number): number;
  chance(percent: number): boolean;
}

export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const draw = (min: number, max: number) => uniformInt(generator, min, max);
  return { draw, chance: (percent) => draw(0, 99) < percent };
}
