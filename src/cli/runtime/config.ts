import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { z } from "zod";
import { CarmError } from "../../records/index.ts";
import { type Config, configShape, type Setting, settings } from "./settings.ts";

export interface ConfigSources {
  /** A YAML file; later sources win over earlier ones: file, environment, flags. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of flags by the key of their setting. */
  readonly flags: ReadonlyMap<string, unknown>;
}

/** Reads and checks the configuration. Throws ERR_CONFIG_INVALID, naming the key and where its value came from. */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const { file, env, flags } = sources;
  const origins = new Map<string, string>();
  const tree: Tree = Object.fromEntries(Object.keys(configShape.shape).map((group) => [group, {}]));
  if (file !== undefined) merge(tree, await readTree(file));
  for (const { key, env: name } of settings) {
    const value = name === undefined ? undefined : env[name];
    if (value === undefined || value === "") continue;
    put(tree, key, value);
    origins.set(key, name!);
  }
  for (const [key, value] of flags) {
    put(tree, key, value);
    origins.set(key, flagName(settings.find((setting) => setting.key === key)!));
  }
  const parsed = configShape.safeParse(tree);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, tree, origins, file));
  throw new CarmError("ERR_CONFIG_INVALID", problems.join("; "));
}

/** The configuration as YAML that `--config` reads, secrets hidden. */
export function printConfig(config: Config): string {
  const shown = structuredClone(config) as Tree;
  for (const { key, secret } of settings) {
    if (secret && get(shown, key) !== undefined) put(shown, key, "(hidden)");
  }
  return stringify(shown);
}

/** A setting that this command can't do without. Throws ERR_CONFIG_INVALID, saying where to give it. */
export function required<T>(value: T | undefined, key: string): T {
  if (value !== undefined) return value;
  const setting = settings.find((candidate) => candidate.key === key)!;
  const ways = [`${key} in the file`, setting.env, setting.flag?.split(" ")[0]].filter(Boolean);
  throw new CarmError("ERR_CONFIG_INVALID", `${key} is not set; give it as ${ways.join(", or ")}`);
}

interface Tree {
  [name: string]: unknown;
}

async function readTree(file: string): Promise<Tree> {
  let tree: unknown;
  try {
    tree = parse(await readFile(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new CarmError("ERR_CONFIG_INVALID", `${file} can't be read as YAML: ${reason}`, { cause });
  }
  if (isTree(tree ?? {})) return (tree ?? {}) as Tree;
  throw new CarmError("ERR_CONFIG_INVALID", `${file} must hold groups of settings, such as kafka: …`);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(into: Tree, from: Tree): void {
  for (const [name, value] of Object.entries(from)) {
    const known = into[name];
    if (isTree(known) && isTree(value)) merge(known, value);
    // A group whose lines are all commented out reads as null.
    else if (!(isTree(known) && value === null)) into[name] = value;
  }
}

function get(tree: Tree, key: string): unknown {
  return key.split(".").reduce<unknown>((value, name) => (isTree(value) ? value[name] : undefined), tree);
}

function put(tree: Tree, key: string, value: unknown): void {
  const names = key.split(".");
  let group = tree;
  for (const name of names.slice(0, -1)) {
    if (!isTree(group[name])) return;
    group = group[name];
  }
  group[names.at(-1)!] = value;
}

function describe(
  issue: z.core.$ZodIssue,
  tree: Tree,
  origins: ReadonlyMap<string, string>,
  file: string | undefined,
): string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => unknownKey(path === "" ? name : `${path}.${name}`, file));
  }
  const setting = settings.find(({ key }) => path === key || path.startsWith(`${key}.`));
  const origin = (setting && origins.get(setting.key)) ?? file;
  const value = get(tree, setting?.key ?? path);
  const shown = setting?.secret ? "(hidden)" : JSON.stringify(value);
  return [`${path} is ${shown}${origin === undefined ? "" : ` (from ${origin})`}: ${issue.message}`];
}

function unknownKey(key: string, file: string | undefined): string {
  const group = key.split(".")[0];
  const known = settings
    .filter((setting) => setting.key.startsWith(`${group}.`))
    .map((setting) => setting.key);
  const names = known.length > 0 ? known : Object.keys(configShape.shape);
  return `there is no setting ${key} (in ${file}); there are ${names.join(", ")}`;
}

export function flagName(setting: Setting): string {
  return setting.flag!.split(" ")[0]!;
}
