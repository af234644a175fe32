/** Shows how far each run is: one line that is redrawn on a terminal, a line at each quarter elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #shares = new Map<string, number>();
  readonly #told = new Map<string, number>();

  constructor(stream: NodeJS.WriteStream, names: readonly string[]) {
    this.#stream = stream;
    for (const name of names) this.#shares.set(name, 0);
  }

  update(name: string, share: number): void {
    this.#shares.set(name, Math.min(1, share));
    if (this.#stream.isTTY) {
      const parts = [...this.#shares].map(([one, done]) => `${one} ${Math.floor(done * 100)} %`);
      this.#stream.write(`\r\u001b[K${parts.join("   ")}`);
      return;
    }
    const quarter = Math.floor(share * 4);
    if (quarter <= (this.#told.get(name) ?? 0)) return;
    this.#told.set(name, quarter);
    this.#stream.write(`${name}: ${quarter * 25} %\n`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }
}
