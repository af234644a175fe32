import type { Evidence, GpuModel, OperatingPoint } from "../../records/index.ts";
import { fitCurve, sampleCurve, speedFollowing } from "../fit.ts";
import { a100, h100, rtx4090, v100 } from "./gpus.ts";
import { a100Points, rtx4090Compute, rtx4090Decode, v100NnForward } from "./measurements.ts";

/** compute: training and vision; decode: token generation, bound by memory. */
export type CurveKind = "compute" | "decode";

export interface LibraryCurve {
  readonly gpu: GpuModel;
  readonly kind: CurveKind;
  readonly curve: readonly OperatingPoint[];
  readonly evidence: Evidence;
  readonly source: string;
}

const curveKinds: readonly CurveKind[] = ["compute", "decode"];

/** Share of time that follows the core clock where only power is known. V100 nnForward: 0.80 of 0.94. */
const clockShares: { readonly [kind in CurveKind]: number } = { compute: 0.8, decode: 0.4 };

const a100Source =
  "Power law through what Wattlytics (arXiv 2604.08182) fits to GROMACS (within 7 %), rescaled to 245 W at the top; share of time that follows the clock assumed. Least energy, idle power included, near the published 735-945 MHz (mertside/ai-inference-energy).";

const h100Source =
  "Assumed power law, chosen for a least energy, idle power included, near the published 840-1320 MHz that saves 10-30 % (mertside/ai-inference-energy; arXiv 2403.20306, 2605.11999).";

export const libraryCurves: readonly LibraryCurve[] = [
  {
    gpu: rtx4090,
    kind: "compute",
    curve: fitCurve(rtx4090, rtx4090Compute).curve,
    evidence: "assumed",
    source:
      "Fit (within 6 %) to an RTX 5090 under clock locks (noonghunna/club-3090, Apache-2.0), rescaled to 430 W at 2730 MHz.",
  },
  {
    gpu: rtx4090,
    kind: "decode",
    curve: fitCurve(rtx4090, rtx4090Decode).curve,
    evidence: "assumed",
    source:
      "Power and speed fitted (within 3 %) to an RTX 4090 under power caps (noonghunna/club-3090, Apache-2.0); clocks assumed.",
  },
  ...curveKinds.map((kind) => ({
    gpu: a100,
    kind,
    curve: fitCurve(a100, a100Points(clockShares[kind])).curve,
    evidence: "assumed" as const,
    source: a100Source,
  })),
  ...curveKinds.map((kind) => ({
    gpu: h100,
    kind,
    curve: sampleCurve(h100, speedFollowing(clockShares[kind]), (x) => 150 + 230 * x ** 2.6),
    evidence: "assumed" as const,
    source: h100Source,
  })),
  {
    gpu: v100,
    kind: "compute",
    curve: fitCurve(v100, v100NnForward).curve,
    evidence: "fitted",
    source:
      "Fit (within 8 %) to the nnForward kernel at 705, 945 and 1380 MHz (blackjack2015/NV-DVFS-Benchmark); below 705 MHz extrapolated.",
  },
];
