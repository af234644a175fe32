export {
  createIntensityForecaster,
  decodeIntensityForecaster,
  encodeIntensityForecaster,
  FORECAST_HOURS,
  forecastIntensity,
  type IntensityForecaster,
  observeIntensity,
} from "./intensity-forecaster.ts";
export {
  createRequestForecaster,
  decodeRequestForecaster,
  encodeRequestForecaster,
  forecastRequests,
  observeRequests,
  type RequestForecaster,
  type RequestHorizon,
} from "./request-forecaster.ts";
export type { SeriesForecast } from "./series-forecast.ts";
export {
  createSupplyForecaster,
  decodeSupplyForecaster,
  encodeSupplyForecaster,
  forecastSupply,
  observeSupply,
  type SupplyForecaster,
} from "./supply-forecaster.ts";
