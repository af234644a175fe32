import Table from "cli-table3";
import type { Output } from "./logger.ts";

export type Cell = string | number | null;

/** One JSON value on one line. */
export function printJson(out: Output, value: unknown): void {
  const text = JSON.stringify(value, (_, one) =>
    one instanceof Uint8Array ? Buffer.from(one).toString("base64") : one,
  );
  out.write(`${text}\n`);
}

/** A table with borders for a terminal, tab-separated lines for a pipe; the empty sentence if there are no rows. */
export function printTable(
  out: Output,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  empty: string,
): void {
  const lines = rows.map((row) => row.map((cell) => (cell === null ? "–" : String(cell))));
  if (out.isTTY !== true) {
    out.write([head, ...lines].map((line) => `${line.join("\t")}\n`).join(""));
    return;
  }
  if (rows.length === 0) {
    out.write(`${empty}\n`);
    return;
  }
  const table = new Table({ head: [...head], style: { head: ["bold"], border: ["gray"], compact: true } });
  table.push(...lines);
  out.write(`${table}\n`);
}

/** Name and value lines, names aligned. */
export function printFields(out: Output, fields: readonly (readonly [name: string, value: Cell])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) out.write(`${name.padEnd(width)}  ${value ?? "–"}\n`);
}

/** UTC to the second; a dash for no time. */
export function utc(atMs: number | null): string {
  return atMs === null ? "–" : `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
