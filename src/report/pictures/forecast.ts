import { percent } from "../numbers.ts";
import type { IntensityForecast, Series } from "../run-result.ts";
import { draw, ink, legend, type Picture, plot, points, timeAxis, valueAxis } from "./draw.ts";

/** Measured intensity with what was forecast a day before. */
export function forecastAgainstActual(actual: Series, forecast: IntensityForecast): Picture {
  const title = "Intensity: forecast a day ahead, and actual";
  const band = `forecast, ${percent(forecast.lowLevel, 0)} to ${percent(forecast.highLevel, 0)} quantile`;
  const score = forecastScore(actual, forecast);
  const words =
    score === null
      ? "No hour has both."
      : `Mean absolute error ${percent(score.mape)} of the mean; ${percent(score.inBand, 0)} of the hours lie in the band.`;
  const alt = `Line chart of grid intensity, measured and forecast a day ahead. ${words}`;
  const width = forecast.high.values.map((high, i) => difference(high, forecast.low.values[i] ?? null));
  const hidden = { lineStyle: { width: 0 }, symbol: "none", stack: "band", silent: true } as const;
  const svg = draw(
    {
      legend: legend(["actual", "forecast, median"], [band]),
      grid: plot(52, 220),
      xAxis: timeAxis(),
      yAxis: valueAxis("g CO2/kWh"),
      series: [
        { type: "line", name: "below the band", ...hidden, data: points(forecast.low) },
        {
          type: "line",
          name: band,
          ...hidden,
          data: points({ ...forecast.low, values: width }),
          itemStyle: { color: ink.sky, opacity: 0.4 },
          areaStyle: { color: ink.sky, opacity: 0.3 },
        },
        {
          type: "line",
          name: "forecast, median",
          data: points(forecast.median),
          symbol: "none",
          lineStyle: { color: ink.blue, width: 2, type: [6, 4] },
          itemStyle: { color: ink.blue },
        },
        {
          type: "line",
          name: "actual",
          data: points(actual),
          symbol: "none",
          lineStyle: { color: ink.text, width: 2 },
          itemStyle: { color: ink.text },
        },
      ],
    },
    300,
    alt,
  );
  return { svg, alt, title, caption: words };
}

/** Mean absolute error of the median over the mean, and the share of hours within the band; null without hours. */
export function forecastScore(
  actual: Series,
  forecast: IntensityForecast,
): { readonly mape: number; readonly inBand: number } | null {
  let hours = 0;
  let error = 0;
  let sum = 0;
  let inside = 0;
  actual.values.forEach((value, i) => {
    const at = actual.startsAt + i * actual.stepMs;
    const median = valueAt(forecast.median, at);
    const low = valueAt(forecast.low, at);
    const high = valueAt(forecast.high, at);
    if (value === null || median === null || low === null || high === null) return;
    hours += 1;
    sum += value;
    error += Math.abs(value - median);
    if (value >= low && value <= high) inside += 1;
  });
  return hours === 0 || sum === 0 ? null : { mape: error / sum, inBand: inside / hours };
}

function valueAt(series: Series, at: number): number | null {
  return series.values[Math.floor((at - series.startsAt) / series.stepMs)] ?? null;
}

function difference(high: number | null, low: number | null): number | null {
  return high === null || low === null ? null : high - low;
}
