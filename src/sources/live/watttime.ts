import { z } from "zod";
import type { GridReading, GridSource } from "./grid-source.ts";
import { getJson, type HttpRequest, malformed } from "./http.ts";

export interface WattTimeOptions {
  /** As Electricity Maps names it: what clusters are bound to. */
  readonly zone: string;
  /** As WattTime names it, for example CAISO_NORTH. */
  readonly region: string;
  readonly username: string;
  readonly password: string;
  readonly withForecast: boolean;
  readonly baseUrl?: string;
}

/** Grams per kWh in a pound per MWh. */
const GRAMS_PER_KWH = 0.453592;
/** Tokens live for 30 minutes. */
const TOKEN_MS = 25 * 60_000;
const HISTORY_MS = 24 * 3_600_000;
const FORECAST_HOURS = 72;

const time = z.iso.datetime({ offset: true }).transform(Date.parse);
const tokenShape = z.object({ token: z.string().min(1) });
const seriesShape = z.object({
  data: z.array(z.object({ point_time: time, value: z.number(), imputed_data_used: z.boolean().nullish() })),
  meta: z.object({
    data_point_period_seconds: z.number().positive(),
    units: z.string(),
    generated_at: time.optional(),
  }),
});
type Series = z.infer<typeof seriesShape>;

/** WattTime, API v3: marginal emissions (MOER), the last day and a forecast of 72 hours. */
export function wattTime(options: WattTimeOptions): GridSource {
  const baseUrl = options.baseUrl ?? "https://api.watttime.org";
  const credentials = "user, password and the plan's regions";
  let token = { text: "", until: 0 };

  const login = async (nowMs: number): Promise<string> => {
    if (nowMs < token.until) return token.text;
    const basic = Buffer.from(`${options.username}:${options.password}`).toString("base64");
    const headers = { authorization: `Basic ${basic}` };
    const url = new URL("/login", baseUrl);
    const answer = await getJson({ provider: "WattTime", url, headers, credentials }, tokenShape);
    token = { text: answer.token, until: nowMs + TOKEN_MS };
    return token.text;
  };
  const series = async (nowMs: number, path: string, query: Record<string, string>) => {
    const url = new URL(path, baseUrl);
    const shared = { region: options.region, signal_type: "co2_moer" };
    url.search = new URLSearchParams({ ...shared, ...query }).toString();
    const headers = { authorization: `Bearer ${await login(nowMs)}` };
    const request: HttpRequest = { provider: "WattTime", url, headers, credentials };
    const found = await getJson(request, seriesShape);
    if (found.meta.units !== "lbs_co2_per_mwh") throw malformed(request, `unit ${found.meta.units}`);
    return found;
  };
  return {
    provider: "watttime",
    zone: options.zone,
    signal: "marginal",
    read: async (nowMs) => {
      const start = new Date(nowMs - HISTORY_MS).toISOString();
      const end = new Date(nowMs).toISOString();
      const past = readings(await series(nowMs, "/v3/historical", { start, end }), null);
      if (!options.withForecast) return past;
      const horizon = { horizon_hours: String(FORECAST_HOURS) };
      const forecast = await series(nowMs, "/v3/forecast", horizon);
      return [...past, ...readings(forecast, forecast.meta.generated_at ?? nowMs)];
    },
  };
}

function readings({ data, meta }: Series, issuedAt: number | null): GridReading[] {
  return data.map(({ point_time, value, imputed_data_used }) => ({
    startsAt: point_time,
    durationMs: meta.data_point_period_seconds * 1000,
    gco2PerKwh: value * GRAMS_PER_KWH,
    kind: issuedAt !== null ? "forecast" : imputed_data_used === true ? "estimated" : "measured",
    issuedAt,
  }));
}
