import type {
  Cluster,
  Decision,
  Forecast,
  GpuTelemetry,
  GridIntensity,
  Job,
  Plan,
  Policy,
  RequestRate,
  Target,
} from "../../records/index.ts";
import { Actuations } from "./actuations.ts";
import { ForecastScore } from "./forecast-score.ts";
import { LedgerTotals } from "./ledger-totals.ts";

/** Live counts of one service since this view began to follow its windows. */
export interface ServiceLoad {
  requests: number;
  requestsOverTarget: number;
  latest: RequestRate;
}

/** What the log says about one cluster now. */
export class ClusterView {
  readonly name: string;
  declaration: Cluster | undefined;
  policy: Policy | undefined;
  readonly ledger = new LedgerTotals();
  readonly forecastScore = new ForecastScore();
  readonly actuations: Actuations;
  /** Latest of each job, finished ones for as long as the topic keeps them. */
  readonly jobs = new Map<string, Job>();
  /** The decision in force of each target, by `kind/id`; the lease too. */
  readonly decisions = new Map<string, Decision>();
  /** By `quantity/subject`. */
  readonly forecasts = new Map<string, Forecast>();
  readonly services = new Map<string, ServiceLoad>();
  /** Latest sample of each node. */
  readonly nodes = new Map<string, GpuTelemetry>();
  readonly plansByTrigger = new Map<string, number>();
  plan: Plan | undefined;
  intensity: GridIntensity | undefined;

  constructor(name: string, onApplied: (lagSeconds: number) => void) {
    this.name = name;
    this.actuations = new Actuations(onApplied);
  }

  takeDecision(decision: Decision): void {
    this.decisions.set(targetKey(decision.target), decision);
    this.actuations.takeDecision(decision);
  }

  dropDecision(target: Target): void {
    this.decisions.delete(targetKey(target));
    this.actuations.drop(target);
  }

  takeForecast(forecast: Forecast): void {
    this.forecasts.set(`${forecast.quantity}/${forecast.subject}`, forecast);
    if (forecast.quantity === "grid_intensity") this.forecastScore.takeForecast(forecast);
  }

  takeIntensity(interval: GridIntensity): void {
    this.forecastScore.takeMeasured(interval);
    const isNewer = this.intensity === undefined || interval.startsAt >= this.intensity.startsAt;
    if (interval.kind !== "forecast" && isNewer) this.intensity = interval;
  }

  takePlan(plan: Plan): void {
    this.plan = plan;
    this.plansByTrigger.set(plan.trigger, (this.plansByTrigger.get(plan.trigger) ?? 0) + 1);
  }

  takeRequests(window: RequestRate): void {
    const load = this.services.get(window.service) ?? { requests: 0, requestsOverTarget: 0, latest: window };
    this.services.set(window.service, load);
    load.requests += window.completions;
    load.requestsOverTarget += window.overTarget;
    load.latest = window;
  }
}

export function targetKey({ kind, id }: Target): string {
  return `${kind}/${id}`;
}
