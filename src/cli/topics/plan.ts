import { type TopicState, topicSettings } from "../../broker/index.ts";
import type { TopicDeclaration } from "../../records/index.ts";

/** One thing that is not as the files say. */
export interface Difference {
  /** A topic, or a subject of the registry. */
  readonly name: string;
  readonly what: string;
  readonly found: string;
  readonly declared: string;
  /** Why it is not changed; undefined if `apply` changes it. */
  readonly refusal?: string;
}

/** What of a topic differs from its declaration; `found` is undefined if there is no such topic. */
export function topicDifferences(declared: TopicDeclaration, found: TopicState | undefined): Difference[] {
  const { name, partitions } = declared;
  if (found === undefined) {
    return [{ name, what: "topic", found: "–", declared: `${partitions} partitions` }];
  }
  const differences: Difference[] = [];
  if (found.partitions !== partitions) {
    differences.push({
      name,
      what: "partitions",
      found: String(found.partitions),
      declared: String(partitions),
      refusal: "Clusters would move to other partitions than their past.",
    });
  }
  for (const [setting, value] of Object.entries(topicSettings(declared))) {
    const now = found.settings[setting] ?? "–";
    if (now !== value) differences.push({ name, what: setting, found: now, declared: value });
  }
  return differences;
}

/** What a registry has under a subject. */
export interface SubjectState {
  readonly schemaText: string | undefined;
  readonly compatibility: string | undefined;
  /** Why the declared schema can't follow. */
  readonly incompatibilities: readonly string[];
}

/** What of a subject differs from the schema file. */
export function subjectDifferences(
  name: string,
  declared: { readonly schemaText: string; readonly compatibility: string },
  found: SubjectState,
): Difference[] {
  const differences: Difference[] = [];
  if (found.compatibility !== declared.compatibility) {
    const { compatibility } = declared;
    differences.push({
      name,
      what: "compatibility",
      found: found.compatibility ?? "–",
      declared: compatibility,
    });
  }
  if (found.schemaText === undefined) {
    differences.push({ name, what: "schema", found: "–", declared: "new" });
  } else if (!isSameJson(found.schemaText, declared.schemaText)) {
    const refusal = found.incompatibilities.join("; ");
    const changed = { name, what: "schema", found: "older", declared: "changed" };
    differences.push(refusal === "" ? changed : { ...changed, refusal });
  }
  return differences;
}

function isSameJson(a: string, b: string): boolean {
  return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
}
