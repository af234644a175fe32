import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse/sync";
import { CarmError } from "../../records/index.ts";

/** One row of a CSV file, read by column name. A value that can't be read throws ERR_TRACE_MALFORMED. */
export class CsvRow {
  readonly #file: string;
  readonly #line: number;
  readonly #values: { readonly [column: string]: string };

  constructor(file: string, line: number, values: { readonly [column: string]: string }) {
    this.#file = file;
    this.#line = line;
    this.#values = values;
  }

  has(column: string): boolean {
    return this.#values[column] !== undefined;
  }

  text(column: string): string {
    const value = this.#values[column];
    if (value === undefined) throw this.malformed(`there is no column "${column}"`);
    return value;
  }

  /** A finite number. */
  number(column: string): number {
    const text = this.text(column);
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) throw this.malformed(`${column} "${text}" is not a number`);
    return value;
  }

  /** ISO 8601 as epoch milliseconds; a time without a zone is UTC. */
  time(column: string): number {
    const text = this.text(column);
    const value = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
    if (Number.isNaN(value)) throw this.malformed(`${column} "${text}" is not an ISO 8601 time`);
    return value;
  }

  malformed(what: string): CarmError {
    return new CarmError("ERR_TRACE_MALFORMED", `${this.#file}, line ${this.#line}: ${what}`);
  }
}

/**
 * Reads a CSV file with a header, plain or gzipped (".gz"), keeping only `columns`.
 * Throws ERR_TRACE_MISSING if it can't be opened, ERR_TRACE_MALFORMED with file and line if it can't be read or lacks
 * one of `columns`; those in `optional` may be absent.
 */
export async function readCsv(
  path: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): Promise<CsvRow[]> {
  const text = await readText(path);
  const file = basename(path);
  const wanted = new Set([...columns, ...optional]);
  const keepWanted = (header: string[]) => {
    const absent = columns.filter((column) => !header.includes(column));
    if (absent.length > 0) {
      throw new CarmError("ERR_TRACE_MALFORMED", `${file}, line 1: there is no column ${absent.join(", ")}`);
    }
    return header.map((column) => (wanted.has(column) ? column : false));
  };
  try {
    const options = { bom: true, columns: keepWanted, info: true, skip_empty_lines: true };
    const rows = parse(text, options) as unknown as ParsedRow[];
    return rows.map(({ record, info }) => new CsvRow(file, info.lines, record));
  } catch (cause) {
    if (cause instanceof CsvError) {
      throw new CarmError("ERR_TRACE_MALFORMED", `${file}, line ${cause["lines"]}: ${cause.message}`, {
        cause,
      });
    }
    throw cause;
  }
}

/** What csv-parse gives with `columns` and `info`. */
interface ParsedRow {
  readonly record: { readonly [column: string]: string };
  readonly info: { readonly lines: number };
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new CarmError("ERR_TRACE_MISSING", `Can't open the trace file ${path}.`, { cause });
  }
  if (!path.endsWith(".gz")) return bytes.toString("utf8");
  try {
    return (await promisify(gunzip)(bytes)).toString("utf8");
  } catch (cause) {
    throw new CarmError("ERR_TRACE_MALFORMED", `${basename(path)}, line 1: not a gzip file.`, { cause });
  }
}
