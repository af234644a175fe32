import type { Evidence, GpuModel, OperatingPoint } from "../../records/index.ts";
import { fitCurve, sampleCurve, speedFollowing } from "../fit.ts";
import { a100, h100, rtx4090, v100 } from "./gpus.ts";
import { rtx4090Compute, rtx4090Decode, v100NnForward } from "./measurements.ts";

/** compute: training and vision; decode: token generation, bound by memory. */
export type CurveKind = "compute" | "decode";

export interface LibraryCurve {
  readonly gpu: GpuModel;
  readonly kind: CurveKind;
  readonly curve: readonly OperatingPoint[];
  readonly evidence: Evidence;
  readonly source: string;
}

/** Share of time that follows the core clock where only power is known. V100 nnForward: 0.80 of 0.94. */
const computeClockShare = 0.8;
const decodeClockShare = 0.4;

/**
 * A100 watts against the relative clock: the fit of Wattlytics (arXiv 2604.08182) to GROMACS, rescaled from 259.5 W
 * to 245 W at the top to stay within the limit of the PCIe board.
 */
function a100PowerWatts(x: number): number {
  const clock = x * a100.maxSmClockMhz;
  const watts = clock <= 810 ? 0.07297 * clock + 59.57 : 4.783e-4 * clock ** 2 - 0.8382 * clock + 490.4;
  return (watts * 245) / 259.5;
}
const a100Source =
  "Power: fit to GROMACS of Wattlytics (arXiv 2604.08182), rescaled to 245 W at the top; share of time that follows the clock assumed. Least energy near the published 735-945 MHz (mertside/ai-inference-energy).";

/** H100 watts against the relative clock. */
function h100PowerWatts(x: number): number {
  return 150 + 230 * x ** 2.6;
}
const h100Source =
  "Assumed power law, chosen for a least energy near the published 840-1320 MHz that saves 10-30 % (mertside/ai-inference-energy; arXiv 2403.20306, 2605.11999).";

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
  ...curvesFrom(a100, a100PowerWatts, a100Source),
  ...curvesFrom(h100, h100PowerWatts, h100Source),
  {
    gpu: v100,
    kind: "compute",
    curve: fitCurve(v100, v100NnForward).curve,
    evidence: "fitted",
    source:
      "Fit (within 8 %) to the nnForward kernel at 705, 945 and 1380 MHz (blackjack2015/NV-DVFS-Benchmark); below 705 MHz extrapolated.",
  },
];

function curvesFrom(gpu: GpuModel, powerWattsAt: (x: number) => number, source: string): LibraryCurve[] {
  const shares: [CurveKind, number][] = [
    ["compute", computeClockShare],
    ["decode", decodeClockShare],
  ];
  return shares.map(([kind, share]) => ({
    gpu,
    kind,
    curve: sampleCurve(gpu, speedFollowing(share), powerWattsAt),
    evidence: "assumed",
    source,
  }));
}
