import type { Batching } from "../../records/index.ts";
import { fullBatchRate } from "../batch-queue.ts";
import type { ProfileTemplate } from "../profile-template.ts";
import { type LibraryCurve, libraryCurves } from "./curves.ts";
import {
  type InferenceModel,
  inferenceModels,
  scalingSource,
  speedOverA100,
  type TrainingModel,
  trainingModels,
} from "./models.ts";

/** What ships with CA-RM: a start, until a cluster's own GPUs are measured. */
export const profileLibrary: readonly ProfileTemplate[] = libraryCurves.flatMap((curve) => [
  ...(curve.kind === "compute" ? trainingModels.map((model) => trainingProfile(model, curve)) : []),
  ...inferenceModels
    .filter((model) => model.kind === curve.kind)
    .map((model) => inferenceProfile(model, curve)),
]);

function trainingProfile(model: TrainingModel, curve: LibraryCurve): ProfileTemplate {
  const speed = speedOver(curve);
  const [two, four, eight] = model.relativeThroughput;
  return {
    ...base(model.model, curve),
    purpose: "training",
    samplesPerSecond: Math.round(model.samplesPerSecond * speed),
    scaling: [
      { workers: 1, relativeThroughput: 1 },
      { workers: 2, relativeThroughput: two },
      { workers: 4, relativeThroughput: four },
      { workers: 8, relativeThroughput: eight },
    ],
    batching: null,
    rateEvidence: curve.gpu.model === "a100" ? "measured" : "assumed",
    rateSource: `${scalingSource}${speedNote(curve)}.`,
  };
}

function inferenceProfile(model: InferenceModel, curve: LibraryCurve): ProfileTemplate {
  const speed = speedOver(curve);
  const batching: Batching = {
    setupMs: round(model.batching.setupMs / speed),
    marginalMs: round(model.batching.marginalMs / speed),
    maxBatch: model.batching.maxBatch,
  };
  return {
    ...base(model.model, curve),
    purpose: "inference",
    samplesPerSecond: round(fullBatchRate(batching)),
    scaling: [],
    batching,
    rateEvidence: "assumed",
    rateSource: `${model.source}${speedNote(curve)}.`,
  };
}

function base(model: string, curve: LibraryCurve) {
  return {
    model,
    gpu: curve.gpu,
    curve: [...curve.curve],
    curveEvidence: curve.evidence,
    curveSource: curve.source,
  };
}

function speedOver(curve: LibraryCurve): number {
  return speedOverA100[curve.gpu.model]![curve.kind];
}

function speedNote(curve: LibraryCurve): string {
  const speed = speedOver(curve);
  return speed === 1 ? "" : `, times ${speed} for this GPU`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
