/** Energy of boards without a counter: power times time, from the first reading on. */
export class EnergyMeter {
  readonly #boards = new Map<string, { millijoules: number; atMs: number; powerWatts: number }>();

  /** Takes a reading and returns the energy so far, mJ. */
  read(uuid: string, powerWatts: number, nowMs: number): number {
    const board = this.#boards.get(uuid) ?? { millijoules: 0, atMs: nowMs, powerWatts };
    // Trapezoid; watts times milliseconds are millijoules.
    board.millijoules += ((board.powerWatts + powerWatts) / 2) * (nowMs - board.atMs);
    board.atMs = nowMs;
    board.powerWatts = powerWatts;
    this.#boards.set(uuid, board);
    return Math.round(board.millijoules);
  }
}
