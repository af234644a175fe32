import { dayMs, hourMs } from "./traces/hours.ts";

interface Location {
  readonly longitude: number;
  readonly southern: boolean;
}

/** Longitude of the middle of a zone's demand, degrees east: enough for solar time. */
const locations: { readonly [zone: string]: Location } = {
  "AU-NSW": { longitude: 151, southern: true },
  "CA-ON": { longitude: -79, southern: false },
  DE: { longitude: 10, southern: false },
  ES: { longitude: -4, southern: false },
  FR: { longitude: 2, southern: false },
  GB: { longitude: -2, southern: false },
  KR: { longitude: 127, southern: false },
  NO: { longitude: 10, southern: false },
  PL: { longitude: 19, southern: false },
  SE: { longitude: 16, southern: false },
  "US-CAL-CISO": { longitude: -119, southern: false },
  "US-MIDA-PJM": { longitude: -79, southern: false },
  "US-NE-ISNE": { longitude: -71, southern: false },
  "US-TEX-ERCO": { longitude: -98, southern: false },
  ZA: { longitude: 28, southern: true },
};

/** How far to look ahead in one zone's supply to stand in for another's, and the words for the report. */
export interface StandIn {
  readonly shiftMs: number;
  readonly assumption: string;
}

/** Supply in `zone` taken from `from`: moved to the zone's solar time, and by half a year across the equator. */
export function standIn(zone: string, from: string, kind: string): StandIn {
  const here = locations[zone];
  const there = locations[from];
  if (here === undefined || there === undefined) {
    return { shiftMs: 0, assumption: `On-site ${kind}: the shape of ${from}, unshifted (assumed).` };
  }
  const hours = Math.round((here.longitude - there.longitude) / 15);
  const acrossEquator = here.southern !== there.southern;
  const season = acrossEquator ? " and moved by half a year" : "";
  return {
    shiftMs: hours * hourMs + (acrossEquator ? 182 * dayMs : 0),
    assumption: `On-site ${kind}: the shape of ${from}, shifted ${hours} h to the solar time of ${zone}${season} (assumed).`,
  };
}
