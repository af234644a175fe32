export {
  createIntensityForecaster,
  createRequestForecaster,
  createSupplyForecaster,
  decodeIntensityForecaster,
  decodeRequestForecaster,
  decodeSupplyForecaster,
  encodeForecaster,
  FORECAST_HOURS,
  forecastIntensity,
  forecastRequests,
  forecastSupply,
  type IntensityForecaster,
  observeIntensity,
  observeRequests,
  observeSupply,
  type RequestForecaster,
  type SupplyForecaster,
} from "./forecasters.ts";
export { MODEL_NAME } from "./hourly-forecaster.ts";
export { type ForecastHorizon, forecastIntervals } from "./interval-forecaster.ts";
export {
  blendProviders,
  compareProvider,
  createProviderMember,
  decodeProviderMember,
  encodeProviderMember,
  noteProviderForecast,
  type ProviderMember,
} from "./provider-member.ts";
export type { IssuedForecast, MemberWeight, SeriesForecast } from "./series-forecast.ts";
