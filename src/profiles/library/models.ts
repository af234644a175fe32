import type { Batching } from "../../records/index.ts";
import type { CurveKind } from "./curves.ts";

export interface TrainingModel {
  readonly model: string;
  /** On one A100. */
  readonly samplesPerSecond: number;
  /** On 2, 4 and 8 GPUs, over that of one. */
  readonly relativeThroughput: readonly [number, number, number];
}

/**
 * Training on A100s, rounded from the measurements of ElasticFlow (pkusys/ElasticFlow, Apache-2.0), at the global batch
 * in brackets.
 */
export const trainingModels: readonly TrainingModel[] = [
  { model: "resnet50", samplesPerSecond: 472, relativeThroughput: [1.87, 3.36, 5.63] }, // 256
  { model: "vgg16", samplesPerSecond: 336, relativeThroughput: [1.92, 3.53, 6.09] }, // 256
  { model: "inception3", samplesPerSecond: 328, relativeThroughput: [1.82, 3.05, 4.24] }, // 128
  { model: "bert", samplesPerSecond: 458, relativeThroughput: [1.59, 2.36, 2.8] }, // 128
  { model: "gpt2", samplesPerSecond: 1049, relativeThroughput: [1.62, 2.79, 3.82] }, // 256
  { model: "deepspeech2", samplesPerSecond: 102, relativeThroughput: [1.85, 3.28, 4.63] }, // 64
];

export const scalingSource =
  "Throughput on 1-8 A100 from ElasticFlow (pkusys/ElasticFlow, Apache-2.0), rounded";

export interface InferenceModel {
  readonly model: string;
  readonly kind: CurveKind;
  /** On one A100. */
  readonly batching: Batching;
  readonly source: string;
}

export const inferenceModels: readonly InferenceModel[] = [
  {
    model: "resnet50-vision",
    kind: "compute",
    batching: { setupMs: 4, marginalMs: 0.5, maxBatch: 32 },
    source: "Batch times of a usual PyTorch server, assumed",
  },
  {
    model: "bert-encode",
    kind: "compute",
    batching: { setupMs: 6, marginalMs: 1.5, maxBatch: 32 },
    source: "Batch times of a usual PyTorch server, assumed",
  },
  {
    model: "llm-27b-decode",
    kind: "decode",
    batching: { setupMs: 1200, marginalMs: 30, maxBatch: 16 },
    source:
      "64 tokens at 52 tokens a second, single stream on an RTX 4090 (noonghunna/club-3090, Apache-2.0); what each further request of a batch adds is assumed",
  },
];

/** Speed at the highest clock over that of an A100. V100: ResNet-50 of Gavel (stanford-futuredata/gavel, MIT); else assumed. */
export const speedOverA100: { readonly [gpuModel: string]: { readonly [kind in CurveKind]: number } } = {
  "rtx-4090": { compute: 0.9, decode: 1 },
  a100: { compute: 1, decode: 1 },
  h100: { compute: 2, decode: 1.6 },
  v100: { compute: 0.7, decode: 0.5 },
};
