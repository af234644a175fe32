import { createRequestForecaster, observeRequests } from "../../forecast/index.ts";
import { accountOf } from "../../ledger/index.ts";
import type { RequestRate } from "../../records/index.ts";
import type { Context } from "../context.ts";
import { hourAccount, keepHourAccount } from "../ledger-hours.ts";
import { limits } from "../limits.ts";
import { guardService } from "../services.ts";
import type { ServiceRecord } from "../state.generated.ts";
import { arrivalsKind, serviceKind } from "../state-kinds.ts";

/**
 * A window is counted once. One that was seen is a duplicate; one older than the memory of windows is late and not
 * counted. One that comes after a newer window is counted, but teaches nothing and moves no clock.
 */
export function takeRequestRate(context: Context, record: RequestRate): void {
  learnArrivals(context, record);
  const service = context.state.get(serviceKind, context.cluster, record.service);
  if (service === undefined) return;
  const newest = service.windows.at(-1) ?? Number.NEGATIVE_INFINITY;
  if (service.windows.includes(record.startsAt)) {
    context.control.duplicates += 1;
    return;
  }
  if (record.startsAt < newest - limits.windowMemoryMs) {
    context.control.late += 1;
    return;
  }
  remember(service, record.startsAt);
  context.state.put(serviceKind, context.cluster, record.service, service);
  book(context, record);
  if (record.startsAt > newest && !context.isBehind) guardService(context, record.service, service, record);
}

/** History from before a service was declared teaches too. */
function learnArrivals(context: Context, record: RequestRate): void {
  const forecaster =
    context.state.get(arrivalsKind, context.cluster, record.service) ?? createRequestForecaster();
  observeRequests(forecaster, record.startsAt, record.durationMs, record.arrivals);
  context.state.put(arrivalsKind, context.cluster, record.service, forecaster);
}

function remember(service: ServiceRecord, startsAt: number): void {
  service.windows.push(startsAt);
  service.windows.sort((a, b) => a - b);
  const newest = service.windows[service.windows.length - 1] as number;
  service.windows = service.windows.filter((window) => window >= newest - limits.windowMemoryMs);
}

function book(context: Context, record: RequestRate): void {
  const hour = hourAccount(context, record.startsAt);
  const account = accountOf(hour, "service", record.service);
  account.requests += record.completions;
  account.requestsOverTarget += record.overTarget;
  keepHourAccount(context, record.startsAt, hour);
}
