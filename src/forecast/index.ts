export type { SeriesForecast } from "./series-forecast.ts";
