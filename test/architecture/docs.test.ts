import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { referencePages } from "../../scripts/generate-reference.ts";

const root = new URL("../../", import.meta.url);

const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

/** Text without code blocks: an example may show a link. */
function prose(text: string): string {
  return text.replace(/```[\s\S]*?```/g, "");
}

describe("documentation", () => {
  it.each(pages)("%s links only to what exists", (page) => {
    const text = prose(readFileSync(new URL(page, root), "utf8"));
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => target.split("#", 1)[0]!)
      .filter((target) => target !== "" && !existsSync(new URL(target, new URL(page, root))));
    expect(broken).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
      scripts: Record<string, string>;
    };
    const missing = pages.flatMap((page) => {
      const text = readFileSync(new URL(page, root), "utf8");
      return [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)]
        .map((match) => match[1]!)
        .filter((script) => !Object.hasOwn(scripts, script))
        .map((script) => `${page}: ${script}`);
    });
    expect(missing).toEqual([]);
  });

  it.each([...referencePages()])("docs/reference/%s is what the code says", (file, text) => {
    const committed = readFileSync(new URL(`docs/reference/${file}`, root), "utf8");
    expect(committed === text, "run `npm run generate` and commit the result").toBe(true);
  });
});
