/** Builds a sparse linear program column by column. */
export class ProgramBuilder {
  readonly #cost: number[] = [];
  readonly #colLower: number[] = [];
  readonly #colUpper: number[] = [];
  readonly #integral: number[] = [];
  readonly #starts: number[] = [0];
  readonly #indices: number[] = [];
  readonly #values: number[] = [];
  readonly #rowLower: number[] = [];
  readonly #rowUpper: number[] = [];

  /** A new row `lower <= row <= upper`; its index. */
  row(lower: number, upper: number): number {
    this.#rowLower.push(lower);
    this.#rowUpper.push(upper);
    return this.#rowLower.length - 1;
  }

  /** A new variable with its coefficients in rows that exist; its index. */
  column(
    cost: number,
    bounds: { readonly lower: number; readonly upper: number; readonly integral?: boolean },
    entries: readonly (readonly [row: number, value: number])[],
  ): number {
    this.#cost.push(cost);
    this.#colLower.push(bounds.lower);
    this.#colUpper.push(bounds.upper);
    this.#integral.push(bounds.integral === true ? 1 : 0);
    for (const [row, value] of entries) {
      if (value === 0) continue;
      this.#indices.push(row);
      this.#values.push(value);
    }
    this.#starts.push(this.#indices.length);
    return this.#cost.length - 1;
  }

  /** What HiGHS takes; minimised. */
  data() {
    const numCols = this.#cost.length;
    const numRows = this.#rowLower.length;
    return {
      numCols,
      numRows,
      colCost: Float64Array.from(this.#cost),
      colLower: Float64Array.from(this.#colLower),
      colUpper: Float64Array.from(this.#colUpper),
      rowLower: Float64Array.from(this.#rowLower),
      rowUpper: Float64Array.from(this.#rowUpper),
      matrix: {
        format: "csc" as const,
        numRows,
        numCols,
        starts: Int32Array.from(this.#starts),
        indices: Int32Array.from(this.#indices),
        values: Float64Array.from(this.#values),
      },
      ...(this.#integral.includes(1) && { integrality: Int32Array.from(this.#integral) }),
    };
  }
}
