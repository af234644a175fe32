import type { Decision } from "../records/index.ts";
import type { ObservedWorkload, SchedulerActuator } from "./actuators/actuator.ts";
import type { DecisionView, Standing } from "./decision-view.ts";
import type { SteeringPass } from "./job-steering.ts";
import { asCarmError } from "./reconcile-result.ts";

/** Keeps the note on each job, where its owner looks for it, in line with what is decided. */
export class JobNotes {
  readonly #actuator: SchedulerActuator;
  readonly #view: DecisionView;
  readonly #retryMs: number;
  /** Last note, by job. */
  readonly #told = new Map<string, string>();

  constructor(actuator: SchedulerActuator, view: DecisionView, retryMs: number) {
    this.#actuator = actuator;
    this.#view = view;
    this.#retryMs = retryMs;
  }

  /** What can't be noted is tried again with the next pass: a job is steered with or without its note. */
  async tell(workloads: readonly ObservedWorkload[], { halted, nowMs, next }: SteeringPass): Promise<void> {
    if (this.#actuator.note === undefined) return;
    for (const { id, job, phase } of workloads) {
      const setpoint = job === null ? undefined : this.#view.get("job", id);
      const isOver = phase === "finished" || phase === "failed" || phase === "cancelled";
      if (setpoint === undefined || isOver) continue;
      const text = noteOf(setpoint.decision, halted ? "released" : this.#view.standing(setpoint, nowMs));
      if (this.#told.get(id) === text) continue;
      try {
        await this.#actuator.note(id, text);
        this.#told.set(id, text);
      } catch (cause) {
        const error = asCarmError(cause);
        // Trying again is for what may pass: without the right to note, there is no note.
        if (error.code !== "ERR_ACTUATOR_FAILED") this.#told.set(id, text);
        next.failed(error, nowMs + this.#retryMs);
      }
    }
  }
}

/** A decision in one line, for the owner of the job. */
export function noteOf({ action, workers, reason, target }: Decision, standing: Standing): string {
  if (standing === "released") return "Released: CA-RM leaves it to its scheduler.";
  if (standing === "lease-over") return "CA-RM has not been heard of in time; its fallback is in force.";
  const what =
    action === "run"
      ? `Runs${workers === null ? "" : ` on ${workers} GPUs`}`
      : action === "pause"
        ? "Paused"
        : "Held";
  const figures = [
    reason.gco2PerKwh === null ? null : `${Math.round(reason.gco2PerKwh)} gCO2/kWh now`,
    reason.forecastGco2PerKwh === null ? null : `${Math.round(reason.forecastGco2PerKwh)} expected`,
    reason.expectedFinishAt === null ? null : `to finish ${new Date(reason.expectedFinishAt).toISOString()}`,
  ].filter((figure) => figure !== null);
  const why = [`${reason.planner}, ${reason.code}`, ...figures].join("; ");
  return `${what} (${why}). carm job show ${target.id}`;
}
