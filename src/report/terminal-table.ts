import Table from "cli-table3";
import { comparison, inputLine, verdict } from "./comparison.ts";
import type { DemoResult } from "./run-result.ts";

export const plainBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/**
 * The comparison for a terminal, the verdict below it. With `colour` it has borders and colours; without, as for a
 * pipe, neither. Policies that broke a promise carry a `!` behind their name, whatever the colour.
 */
export function terminalTable(result: DemoResult, options: { readonly colour: boolean }): string {
  const { columns, rows } = comparison(result);
  const colour = paint(options.colour);
  const table = new Table({
    head: [
      "",
      ...columns.map((column) => {
        const title = column.keepsPromises ? column.title : `${column.title} !`;
        if (!column.keepsPromises) return colour.red(title);
        return column.own ? colour.green(title) : title;
      }),
    ],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: options.colour ? ["gray"] : [], compact: true },
    ...(options.colour ? {} : { chars: plainBorders }),
  });
  for (const row of rows) {
    const cells = row.cells.map((cell, i) => (columns[i]!.own ? colour.bold(cell) : cell));
    table.push([row.label, ...cells]);
  }
  const text = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
  const notes = [...verdict(result), ...result.attribution];
  return `${inputLine(result)}\n\n${text}\n\n${notes.join("\n")}\n`;
}

/** ANSI colours, or nothing. */
function paint(enabled: boolean) {
  const wrap = (code: number) => (text: string) =>
    enabled && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: wrap(1), red: wrap(31), green: wrap(32) };
}
