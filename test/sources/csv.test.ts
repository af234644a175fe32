import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readCsv } from "../../src/sources/traces/csv.ts";

const folder = await mkdtemp(join(tmpdir(), "carm-csv-"));

async function fileWith(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test("a gzipped file reads as its plain twin", async () => {
  const text = "a,b,c\n1,2023-01-01T00:00:00Z,x\n2.5,2023-01-01T01:00:00,y\n";
  for (const path of [await fileWith("t.csv", text), await fileWith("t.csv.gz", gzipSync(text))]) {
    const rows = await readCsv(path, ["a", "b"]);
    expect(rows.map((row) => row.number("a"))).toEqual([1, 2.5]);
    // A time without a zone is UTC, whatever the machine's zone.
    expect(rows[1]!.time("b")).toBe(Date.UTC(2023, 0, 1, 1));
    expect(rows[0]!.has("c")).toBe(false);
  }
});

test("a value that is no number is reported with file and line", async () => {
  const rows = await readCsv(await fileWith("bad.csv", "a\n1\nmany\n"), ["a"]);
  expect(() => rows[1]!.number("a")).toThrow(
    expect.objectContaining({
      code: "ERR_TRACE_MALFORMED",
      message: expect.stringMatching(/bad\.csv, line 3: .*many/),
    }),
  );
});

test("an empty value is not taken for zero", async () => {
  const rows = await readCsv(await fileWith("empty.csv", "a,b\n,1\n"), ["a", "b"]);
  expect(() => rows[0]!.number("a")).toThrow(expect.objectContaining({ code: "ERR_TRACE_MALFORMED" }));
});

test("a row with too many values is reported with file and line", async () => {
  const path = await fileWith("ragged.csv", "a,b\n1,2\n1,2,3\n");
  await expect(readCsv(path, ["a"])).rejects.toMatchObject({
    code: "ERR_TRACE_MALFORMED",
    message: expect.stringContaining("ragged.csv, line 3"),
  });
});

test("a missing column is named", async () => {
  const path = await fileWith("columns.csv", "a,b\n1,2\n");
  await expect(readCsv(path, ["a", "gco2_per_kwh"])).rejects.toMatchObject({
    code: "ERR_TRACE_MALFORMED",
    message: expect.stringContaining("gco2_per_kwh"),
  });
});

test("a file that is not gzip although it says so is malformed, an absent one missing", async () => {
  const path = await fileWith("fake.csv.gz", "a\n1\n");
  await expect(readCsv(path, ["a"])).rejects.toMatchObject({ code: "ERR_TRACE_MALFORMED" });
  await expect(readCsv(join(folder, "no.csv"), ["a"])).rejects.toMatchObject({ code: "ERR_TRACE_MISSING" });
});
