/** How many tasks are done and how long the rest will take: a line that is redrawn on a terminal, one each twentieth elsewhere. */
export class EvaluationProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  readonly #known: number;
  readonly #startedAt = performance.now();
  #done: number;
  #told = 0;

  /** `known` of `total` come from a checkpoint. */
  constructor(stream: NodeJS.WriteStream, total: number, known: number) {
    this.#stream = stream;
    this.#total = total;
    this.#known = known;
    this.#done = known;
    if (known > 0) stream.write(`${known} of ${total} runs are in the checkpoint already.\n`);
  }

  done(name: string): void {
    this.#done += 1;
    const line = `${this.#done} of ${this.#total} runs, ${this.#left()} left; last ${name}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${line}`);
      return;
    }
    const twentieth = Math.floor((20 * this.#done) / this.#total);
    if (twentieth === this.#told) return;
    this.#told = twentieth;
    this.#stream.write(`${line}\n`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }

  #left(): string {
    const perRun = (performance.now() - this.#startedAt) / (this.#done - this.#known);
    const seconds = Math.round((perRun * (this.#total - this.#done)) / 1000);
    return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  }
}
