/** One sample of a Prometheus text exposition. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const escapes: Readonly<Record<string, string>> = { "\\n": "\n", '\\"': '"', "\\\\": "\\" };

/** Reads the Prometheus text format, version 0.0.4; comments and lines that are none of it are passed over. */
export function* readExposition(text: string): Generator<ExposedSample, undefined> {
  for (const row of text.split("\n")) {
    const [, name, labelText = "", valueText] = line.exec(row) ?? [];
    if (name === undefined || valueText === undefined) continue;
    const labels: Record<string, string> = {};
    for (const [, key, value] of labelText.matchAll(label)) {
      labels[key as string] = (value as string).replace(/\\[n"\\]/g, (escaped) => escapes[escaped] as string);
    }
    yield { name, labels, value: Number(valueText) };
  }
}
