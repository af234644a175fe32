import { afterEach, describe, expect, test } from "vitest";
import type { GridIntensity } from "../../../src/records/index.ts";
import { validateRecord } from "../../../src/records/index.ts";
import {
  electricityMaps,
  entsoe,
  GridPoller,
  type GridSource,
  ukCarbonIntensity,
  wattTime,
} from "../../../src/sources/index.ts";
import { type Answer, StandIn } from "./stand-in.ts";

const HOUR_MS = 3_600_000;
const now = Date.UTC(2025, 9, 17, 11, 20);
const hour = (offset: number) => Date.UTC(2025, 9, 17, 11) + offset * HOUR_MS;
const iso = (atMs: number) => new Date(atMs).toISOString();

let standIn: StandIn | undefined;
afterEach(async () => {
  await standIn?.stop();
  standIn = undefined;
});

async function serve(answer: (url: URL) => Answer): Promise<StandIn> {
  standIn = await StandIn.start(answer);
  return standIn;
}

function maps(baseUrl: string): GridSource {
  return electricityMaps({
    zone: "DE",
    token: "secret",
    emissionFactors: "lifecycle",
    withForecast: true,
    baseUrl,
  });
}

const mapsAnswer = (url: URL): Answer =>
  url.pathname.endsWith("/history")
    ? {
        body: {
          zone: "DE",
          history: [
            { carbonIntensity: 245, datetime: iso(hour(-2)), isEstimated: false },
            { carbonIntensity: null, datetime: iso(hour(-1)) },
            { carbonIntensity: 250, datetime: iso(hour(0)), isEstimated: true },
          ],
        },
      }
    : {
        body: {
          zone: "DE",
          forecast: [{ carbonIntensity: 326, datetime: iso(hour(1)) }],
          updatedAt: iso(hour(0)),
        },
      };

describe("Electricity Maps", () => {
  test("gives past hours as measured or estimated and the forecast with its time of issue; leaves out hours without a value", async () => {
    const { url, headers, asked } = await serve(mapsAnswer);
    const readings = await maps(url).read(now);
    expect(
      readings.map(({ startsAt, gco2PerKwh, kind, issuedAt }) => [startsAt, gco2PerKwh, kind, issuedAt]),
    ).toEqual([
      [hour(-2), 245, "measured", null],
      [hour(0), 250, "estimated", null],
      [hour(1), 326, "forecast", hour(0)],
    ]);
    expect(headers.every((one) => one["auth-token"] === "secret")).toBe(true);
    expect(asked.every((one) => one.searchParams.get("zone") === "DE")).toBe(true);
  });

  test("a refused token says what to check and does not show the token", async () => {
    const { url } = await serve(() => ({ status: 401, body: { error: "Invalid auth-token" } }));
    const failure = await maps(url)
      .read(now)
      .catch((error) => error);
    expect(failure.code).toBe("ERR_SOURCE_REFUSED");
    expect(failure.message).toMatch(/Invalid auth-token.*check the token/);
    expect(failure.message).not.toContain("secret");
  });

  test("an answer of another shape names the field", async () => {
    const { url } = await serve(() => ({
      body: { history: [{ carbonIntensity: "many", datetime: iso(now) }] },
    }));
    await expect(maps(url).read(now)).rejects.toMatchObject({
      code: "ERR_SOURCE_MALFORMED",
      message: expect.stringContaining("history.0.carbonIntensity"),
    });
  });

  test("nobody at the address is an outage, not a crash", async () => {
    const { url } = await serve(mapsAnswer);
    await standIn?.stop();
    await expect(maps(url).read(now)).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
  });
});

describe("WattTime", () => {
  const series = (points: object[], more: object = {}): Answer => ({
    body: {
      data: points,
      meta: { data_point_period_seconds: 300, units: "lbs_co2_per_mwh", ...more },
    },
  });

  test("turns pounds per MWh into grams per kWh and logs in once for several questions", async () => {
    const { url, asked } = await serve(({ pathname }) => {
      if (pathname === "/login") return { body: { token: "t" } };
      return pathname.endsWith("historical")
        ? series([
            { point_time: iso(hour(-1)), value: 1000 },
            { point_time: iso(hour(-1) + 300_000), value: 500, imputed_data_used: true },
          ])
        : series([{ point_time: iso(hour(1)), value: 2000 }], { generated_at: iso(hour(0)) });
    });
    const source = wattTime({
      zone: "US-CAL-CISO",
      region: "CAISO_NORTH",
      username: "u",
      password: "p",
      withForecast: true,
      baseUrl: url,
    });
    const readings = await source.read(now);
    expect(readings.map(({ gco2PerKwh, kind }) => [gco2PerKwh, kind])).toEqual([
      [453.592, "measured"],
      [226.796, "estimated"],
      [907.184, "forecast"],
    ]);
    await source.read(now);
    expect(asked.filter(({ pathname }) => pathname === "/login")).toHaveLength(1);
  });

  test("a percentile index is refused: it is no intensity", async () => {
    const { url } = await serve(({ pathname }) =>
      pathname === "/login" ? { body: { token: "t" } } : series([], { units: "percentile" }),
    );
    const shared = { zone: "US-CAL-CISO", region: "CAISO_NORTH", username: "u", password: "p" };
    const source = wattTime({ ...shared, withForecast: false, baseUrl: url });
    await expect(source.read(now)).rejects.toMatchObject({ code: "ERR_SOURCE_MALFORMED" });
  });
});

describe("UK Carbon Intensity", () => {
  test("takes actual values where there are, estimates what is over, and forecasts the rest", async () => {
    const half = (offset: number, forecast: number, actual: number | null) => ({
      from: `${iso(hour(offset)).slice(0, 16)}Z`,
      to: `${iso(hour(offset) + 1_800_000).slice(0, 16)}Z`,
      intensity: { forecast, actual, index: "moderate" },
    });
    const { url } = await serve(({ pathname }) => ({
      body: {
        data: pathname.endsWith("pt24h")
          ? [half(-2, 266, 263), half(-1, 250, null), half(0, 240, null)]
          : [half(0, 240, null), half(1, 230, null)],
      },
    }));
    const readings = await ukCarbonIntensity({ baseUrl: url }).read(now);
    expect(readings.map(({ gco2PerKwh, kind, durationMs }) => [gco2PerKwh, kind, durationMs])).toEqual([
      [263, "measured", 1_800_000],
      [250, "estimated", 1_800_000],
      [240, "forecast", 1_800_000],
      [230, "forecast", 1_800_000],
    ]);
  });
});

describe("ENTSO-E", () => {
  const document = (series: string) =>
    `<?xml version="1.0"?><GL_MarketDocument>${series}</GL_MarketDocument>`;
  const generation = (psrType: string, points: string, more = "") =>
    `<TimeSeries>${more}<MktPSRType><psrType>${psrType}</psrType></MktPSRType><Period><timeInterval>
     <start>2025-10-17T09:00Z</start><end>2025-10-17T11:00Z</end></timeInterval><resolution>PT60M</resolution>${points}</Period></TimeSeries>`;
  const point = (position: number, quantity: number) =>
    `<Point><position>${position}</position><quantity>${quantity}</quantity></Point>`;
  const source = (baseUrl: string) => entsoe({ zone: "DE", eic: "10Y1001A1001A82H", token: "t", baseUrl });

  test("weighs generation by its factors, repeats what is left out, and leaves pumping out", async () => {
    const { url } = await serve(() => ({
      body: document(
        generation("B05", point(1, 100) + point(2, 300)) +
          generation("B19", point(1, 100)) +
          generation("B10", point(1, 500), "<outBiddingZone_Domain.mRID>x</outBiddingZone_Domain.mRID>"),
      ),
    }));
    const readings = await source(url).read(now);
    expect(readings.map(({ startsAt, gco2PerKwh, kind }) => [startsAt, gco2PerKwh, kind])).toEqual([
      [hour(-2), (100 * 1001 + 100 * 12) / 200, "estimated"],
      [hour(-1), (300 * 1001 + 100 * 12) / 400, "estimated"],
    ]);
  });

  test("what is no document of generation is said so", async () => {
    const { url } = await serve(() => ({ body: "<Acknowledgement_MarketDocument/>" }));
    await expect(source(url).read(now)).rejects.toMatchObject({ code: "ERR_SOURCE_MALFORMED" });
  });
});

describe("polling", () => {
  function poller(source: GridSource, clusters: readonly string[]) {
    const published: GridIntensity[] = [];
    const poll = new GridPoller({
      source,
      clusters: () => clusters,
      publish: (record) => published.push(record),
      intervalMs: 300_000,
    });
    return { poll, published };
  }

  test("publishes true records once for each cluster, and again only what was revised", async () => {
    let latest = 250;
    const readings = () => [
      {
        startsAt: hour(-1),
        durationMs: HOUR_MS,
        gco2PerKwh: 245,

        kind: "measured",
        issuedAt: null,
      } as const,
      {
        startsAt: hour(0),
        durationMs: HOUR_MS,
        gco2PerKwh: latest,

        kind: "estimated",
        issuedAt: null,
      } as const,
    ];
    const source = { provider: "p", zone: "DE", signal: "average" as const, read: async () => readings() };
    const { poll, published } = poller(source, ["a", "b"]);
    expect(await poll.poll(now)).toMatchObject({ published: 4, againInMs: 300_000, error: null });
    expect(await poll.poll(now + 1000)).toMatchObject({ published: 0 });
    latest = 255;
    expect(await poll.poll(now + 2000)).toMatchObject({ published: 2 });
    expect(published.slice(-2).map(({ cluster, gco2PerKwh }) => [cluster, gco2PerKwh])).toEqual([
      ["a", 255],
      ["b", 255],
    ]);
    for (const record of published) expect(() => validateRecord("carm.grid-intensity", record)).not.toThrow();
  });

  test("a provider that fails is asked later and later, then at its usual pace again", async () => {
    const answers: Answer[] = [
      { status: 500, body: "" },
      { status: 503, body: "" },
    ];
    const { url } = await serve((asked) => answers.shift() ?? mapsAnswer(asked));
    const { poll } = poller(maps(url), ["a"]);
    const first = await poll.poll(now);
    const second = await poll.poll(now);
    expect(first.error?.code).toBe("ERR_SOURCE_UNAVAILABLE");
    expect(second.againInMs).toBeGreaterThan(first.againInMs);
    expect(await poll.poll(now)).toMatchObject({ againInMs: 300_000, error: null });
  });

  test("a used-up quota waits for as long as the provider says", async () => {
    const { url } = await serve(() => ({ status: 429, headers: { "retry-after": "1200" }, body: "" }));
    const { poll, published } = poller(maps(url), ["a"]);
    expect(await poll.poll(now)).toMatchObject({ againInMs: 1_200_000, published: 0 });
    expect(published).toEqual([]);
  });
});
