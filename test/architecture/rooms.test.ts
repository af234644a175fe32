import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);

/** The table of ARCHITECTURE.md: what each room may import. */
function allowedImports(): Map<string, Set<string>> {
  const text = readFileSync(new URL("ARCHITECTURE.md", root), "utf8");
  const section = text.slice(text.indexOf("| room | may import |"));
  const rows = section.split("\n\n")[0]!.split("\n").slice(2);
  return new Map(
    rows.map((row) => {
      const [, room = "", imports = ""] = row.split("|").map((cell) => cell.trim());
      return [room, new Set(imports.split(",").map((name) => name.trim()))];
    }),
  );
}

function sourceFiles(): string[] {
  return readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.ts$/.test(file),
  );
}

function importsOf(file: string): string[] {
  const text = readFileSync(new URL(`src/${file}`, root), "utf8");
  return [...text.matchAll(/from "([^"]+)"/g)].map((match) => match[1]!);
}

describe("rooms", () => {
  const allowed = allowedImports();

  it("every room of src/ is in the table, and the other way round", () => {
    const rooms = new Set(sourceFiles().map((file) => file.split("/")[0]!));
    expect([...rooms].sort()).toEqual([...allowed.keys()].sort());
  });

  it("a room imports only what the table lets it", () => {
    const broken = sourceFiles().flatMap((file) => {
      const room = file.split("/")[0]!;
      return importsOf(file)
        .filter((target) => target.startsWith("."))
        .map((target) => new URL(target, new URL(`src/${file}`, root)).pathname)
        .map((path) => path.slice(path.lastIndexOf("/src/") + 5).split("/")[0]!)
        .filter((target) => target !== room && !allowed.get(room)?.has(target))
        .map((target) => `${file} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it("pure rooms have no clock, no randomness and no I/O", () => {
    const impure = /Date\.now\(|Math\.random\(|new Date\(\)|process\.|performance\.|from "node:(?!crypto")/;
    const broken = sourceFiles()
      .filter((file) => /^(forecast|profiles|planners|ledger|processor)\//.test(file))
      .filter((file) => impure.test(readFileSync(new URL(`src/${file}`, root), "utf8")));
    expect(broken).toEqual([]);
  });
});
