import { CarmError, type TopicName, type TopicRecords } from "../../src/records/index.ts";
import type { Processor, State, StateKind, StepOutput, StepRecord } from "../../src/stream/index.ts";

interface Trace {
  steps: number;
  /** Depends on every step and on their order. */
  hash: number;
}

function jsonKind<T>(name: string): StateKind<T> {
  return {
    name,
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => {
      try {
        return JSON.parse(Buffer.from(bytes).toString());
      } catch (cause) {
        throw new CarmError("ERR_STATE_CORRUPT", "not JSON", { cause });
      }
    },
  };
}

export const traceKind = jsonKind<Trace>("trace");
export const slotKind = jsonKind<number>("slot");

/** In `arrivals` of a request rate: makes the step throw after it has changed state in place. */
export const poison = 66_666;

/** `carm.ticks` before the others would hide mistakes: it is neither first nor last. */
export const inputs = [
  "carm.grid-intensity",
  "carm.ticks",
  "carm.request-rate",
] as const satisfies readonly TopicName[];

/**
 * A processor whose every output depends on all steps before it: a lost, repeated or reordered record, a write that
 * survived an abort, or state that came back wrong changes everything after it.
 */
export function traceProcessor(overrides: Partial<Processor> = {}): Processor {
  return { name: "trace", inputs, stateKinds: [traceKind as never, slotKind as never], step, ...overrides };
}

function step(state: State, record: StepRecord): StepOutput[] {
  const { cluster } = record;
  const trace = state.get(traceKind, cluster, "") ?? { steps: 0, hash: 7 };
  const number = numberOf(record);
  trace.steps += 1;
  const told = record.incarnation * 2 + Number(record.isBehind);
  trace.hash = (trace.hash * 31 + number * 17 + record.offset + told) % 1_000_003;
  if (number === poison) throw new Error("poison");
  const id = `slot-${number % 7}`;
  if (number % 5 === 0) state.delete(slotKind, cluster, id);
  else state.put(slotKind, cluster, id, number);
  for (const [slot, value] of state.range(slotKind, cluster)) {
    trace.hash = (trace.hash * 13 + slot.length + value) % 1_000_003;
  }
  state.put(traceKind, cluster, "", trace);
  return [{ topic: "carm.forecasts", value: output(cluster, record.appendedAt, [trace.steps, trace.hash]) }];
}

function numberOf(record: StepRecord): number {
  if (record.topic === "carm.request-rate") return record.value.arrivals;
  return record.topic === "carm.grid-intensity" ? record.value.gco2PerKwh : 3;
}

export function output(
  cluster: string,
  observedAt: number,
  numbers: number[],
): TopicRecords["carm.forecasts"] {
  return {
    cluster,
    observedAt,
    quantity: "request_rate",
    subject: "s",
    model: "trace",
    startsAt: observedAt,
    stepMs: 1,
    levels: [0.5],
    values: [numbers],
    weights: [],
    skill: null,
  };
}
