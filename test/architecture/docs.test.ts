import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { referencePages } from "../../scripts/generate-reference.ts";
import { cliHarness } from "../cli/cli-harness.ts";

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

  it("names only commands of carm that exist, but for what is said not to be built yet", async () => {
    const carm = await cliHarness();
    const named = new Set(
      pages.flatMap((page) => {
        const text = readFileSync(new URL(page, root), "utf8").replace(/## Not built yet[\s\S]*/, "");
        return [...text.matchAll(/(?:^|`|npx )carm ([a-z][a-z-]*(?: [a-z][a-z-]*)?)/gm)].map(
          (match) => match[1]!,
        );
      }),
    );
    const missing = [];
    for (const command of named) {
      const help = (await carm.run(...command.split(" "), "--help")).stdout;
      // A command without commands of its own takes the second word as an argument.
      const usage = /^Usage: carm ([^[<\n]*)/.exec(help)?.[1]?.trim() ?? "";
      const isLeaf = !help.includes("\nCommands:");
      if (usage !== command && !(isLeaf && command.startsWith(`${usage} `) && usage !== ""))
        missing.push(command);
    }
    expect(missing).toEqual([]);
  });

  it.each([...referencePages()])("docs/reference/%s is what the code says", (file, text) => {
    const committed = readFileSync(new URL(`docs/reference/${file}`, root), "utf8");
    expect(committed === text, "run `npm run generate` and commit the result").toBe(true);
  });
});
