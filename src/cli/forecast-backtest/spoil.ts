import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { DAY_MS, type Feed, type FeedHour, HOUR_MS } from "./feed.ts";

/** How a feed is spoilt on purpose; what is scored stays as it was. */
export const spoilRecipe = {
  missingShare: 0.05,
  zeroShare: 0.01,
  spikeShare: 0.01,
  spikeFactor: 10,
  /** Share of hours that come up to `provisionalError` off and are revised after `revisedAfterHours`. */
  revisedShare: 0.2,
  provisionalError: 0.15,
  revisedAfterHours: 6,
  /** One whole day of silence in this many days. */
  silentDayEvery: 30,
} as const;

/** The same feed with holes, zeros, spikes, silent days and provisional values, drawn with `seed`. */
export function spoil(feed: Feed, seed: number): Feed {
  const generator = xoroshiro128plus(seed);
  const draw = (): number => uniformFloat64(generator);
  const hours: FeedHour[] = [];
  const late: FeedHour[] = [];
  for (const hour of feed.hours) {
    while (late.length > 0 && late[0]!.arrivesAfter < hour.startsAt) hours.push(late.shift()!);
    const kind = draw();
    const silent =
      Math.floor(hour.startsAt / DAY_MS) % spoilRecipe.silentDayEvery === seed % spoilRecipe.silentDayEvery;
    const error = spoilRecipe.provisionalError * (2 * draw() - 1);
    if (!silent) hours.push(...arrivals(hour, kind, error, late));
  }
  return { ...feed, hours: [...hours, ...late] };
}

/** What arrives at once of `hour`: nothing, or one value; what comes late is put on `late`. */
function arrivals(hour: FeedHour, kind: number, error: number, late: FeedHour[]): FeedHour[] {
  const { missingShare, zeroShare, spikeShare, spikeFactor, revisedShare } = spoilRecipe;
  let edge = missingShare;
  if (kind < edge) return [];
  edge += zeroShare;
  if (kind < edge) return [{ ...hour, value: 0 }];
  edge += spikeShare;
  if (kind < edge) return [{ ...hour, value: spikeFactor * hour.value }];
  edge += revisedShare;
  if (kind >= edge) return [hour];
  late.push({ ...hour, arrivesAfter: hour.startsAt + spoilRecipe.revisedAfterHours * HOUR_MS });
  return [{ ...hour, value: (1 + error) * hour.value }];
}
