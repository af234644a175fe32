/** Writes docs/reference from the code. A test checks that the committed pages are what this script would write. */
import { writeFileSync } from "node:fs";
import { configurationPage } from "./reference/configuration.ts";
import { errorsPage } from "./reference/errors.ts";
import { metricsPage } from "./reference/metrics.ts";
import { recordsPage } from "./reference/records.ts";
import { topicsPage } from "./reference/topics.ts";

/** The pages by file name. */
export function referencePages(): Map<string, string> {
  return new Map([
    ["configuration.md", configurationPage()],
    ["errors.md", errorsPage()],
    ["metrics.md", metricsPage()],
    ["records.md", recordsPage()],
    ["topics.md", topicsPage()],
  ]);
}

if (import.meta.main) {
  const folder = new URL("../docs/reference/", import.meta.url);
  for (const [file, text] of referencePages()) writeFileSync(new URL(file, folder), text);
}
