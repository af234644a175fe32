import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import type { GridReading, GridSource } from "./grid-source.ts";
import { getText, type HttpRequest, malformed } from "./http.ts";

export interface EntsoeOptions {
  /** As Electricity Maps names it. */
  readonly zone: string;
  /** Energy identification code of the bidding zone, for example 10Y1001A1001A82H for DE-LU. */
  readonly eic: string;
  readonly token: string;
  readonly baseUrl?: string;
}

const DAY_MS = 86_400_000;

/**
 * Life-cycle emission factors by type of generation (psrType), g/kWh: IPCC AR5 WG3 annex III medians, as used by Wiesner et
 * al., "Let's Wait Awhile" (2021); coal and lignite 1001, oil 840, gas 469, other 770.
 */
const gramsPerKwh: Readonly<Record<string, number>> = {
  B01: 18, // biomass
  B02: 1001, // lignite
  B03: 469, // coal-derived gas
  B04: 469, // gas
  B05: 1001, // hard coal
  B06: 840, // oil
  B07: 840, // oil shale
  B08: 1001, // peat
  B09: 46, // geothermal
  B10: 4, // pumped storage
  B11: 4, // run of river
  B12: 4, // reservoir
  B13: 8, // marine
  B14: 16, // nuclear
  B15: 46, // other renewable
  B16: 46, // solar
  B17: 770, // waste
  B18: 12, // wind offshore
  B19: 12, // wind onshore
  B20: 770, // other
};

const resolutions: Readonly<Record<string, number>> = { PT15M: 900_000, PT30M: 1_800_000, PT60M: 3_600_000 };

const one = <T extends z.ZodType>(shape: T) =>
  z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(shape),
  );
const shape = z.object({
  GL_MarketDocument: z.object({
    TimeSeries: one(
      z.object({
        MktPSRType: z.object({ psrType: z.string() }),
        "outBiddingZone_Domain.mRID": z.unknown().optional(),
        Period: one(
          z.object({
            timeInterval: z.object({
              start: z.string().transform(Date.parse),
              end: z.string().transform(Date.parse),
            }),
            resolution: z.string(),
            Point: one(z.object({ position: z.coerce.number(), quantity: z.coerce.number() })),
          }),
        ),
      }),
    ),
  }),
});
type Document = z.infer<typeof shape>;

/**
 * ENTSO-E's transparency platform: intensity of the generation within a bidding zone, from its mix and the factors
 * above. Imports are left out, so everything counts as estimated. The platform has no forecast of it.
 */
export function entsoe(options: EntsoeOptions): GridSource {
  return {
    provider: "entsoe",
    zone: options.zone,
    signal: "average",
    read: async (nowMs) => {
      const url = new URL("/api", options.baseUrl ?? "https://web-api.tp.entsoe.eu");
      url.search = new URLSearchParams({
        securityToken: options.token,
        documentType: "A75",
        processType: "A16",
        in_Domain: options.eic,
        periodStart: stamp(nowMs - DAY_MS),
        periodEnd: stamp(nowMs),
      }).toString();
      const request: HttpRequest = { provider: "ENTSO-E", url, credentials: "the security token" };
      return readings(parse(request, await getText(request)));
    },
  };
}

function parse(request: HttpRequest, xml: string): Document {
  const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false });
  let document: unknown;
  try {
    document = parser.parse(xml);
  } catch (cause) {
    throw malformed(request, "no XML", cause);
  }
  const parsed = shape.safeParse(document);
  if (parsed.success) return parsed.data;
  throw malformed(request, "no GL_MarketDocument of generation by type", parsed.error);
}

function readings({ GL_MarketDocument: { TimeSeries } }: Document): GridReading[] {
  const mix = new Map<number, { durationMs: number; megawatts: number; weighed: number }>();
  for (const series of TimeSeries) {
    // A series with an out-domain is consumption, of pumps for example.
    if (series["outBiddingZone_Domain.mRID"] !== undefined) continue;
    const factor = gramsPerKwh[series.MktPSRType.psrType] ?? (gramsPerKwh["B20"] as number);
    for (const period of series.Period) {
      for (const { startsAt, durationMs, megawatts } of valuesOf(period)) {
        const sum = mix.get(startsAt) ?? { durationMs, megawatts: 0, weighed: 0 };
        mix.set(startsAt, sum);
        sum.megawatts += megawatts;
        sum.weighed += megawatts * factor;
      }
    }
  }
  return [...mix]
    .filter(([, { megawatts }]) => megawatts > 0)
    .sort(([a], [b]) => a - b)
    .map(([startsAt, { durationMs, megawatts, weighed }]) => ({
      startsAt,
      durationMs,
      gco2PerKwh: weighed / megawatts,
      kind: "estimated",
      issuedAt: null,
    }));
}

/** A position that is left out repeats the one before (curve type A03). */
function* valuesOf(period: Document["GL_MarketDocument"]["TimeSeries"][number]["Period"][number]) {
  const durationMs = resolutions[period.resolution];
  if (durationMs === undefined) return;
  const { start, end } = period.timeInterval;
  const given = new Map(period.Point.map(({ position, quantity }) => [position, quantity]));
  let megawatts: number | undefined;
  for (let position = 1; start + position * durationMs <= end; position += 1) {
    megawatts = given.get(position) ?? megawatts;
    if (megawatts === undefined) continue;
    yield { startsAt: start + (position - 1) * durationMs, durationMs, megawatts };
  }
}

/** yyyyMMddHHmm, UTC. */
function stamp(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace(/\D/g, "");
}
