import { Command } from "commander";
import { parse } from "yaml";
import { createPublisher, readTable } from "../../client/index.ts";
import { planners } from "../../planners/index.ts";
import { defaultPolicy } from "../../processor/index.ts";
import { CarmError, type Policy, recordSchemaText, validateRecord } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, type Session, withSettings } from "../runtime/configured.ts";
import { readFields } from "../runtime/inputs.ts";
import { type Cell, printFields, printJson, utc } from "../runtime/print.ts";

/** Fields that the command fills in itself. */
const ownFields: ReadonlySet<string> = new Set(["cluster", "observedAt", "version"]);

interface SchemaField {
  readonly name: string;
  readonly doc?: string;
}

/** What an operator can set: whatever the schema of a policy has. */
const policyFields = (
  JSON.parse(recordSchemaText("carm.policies")) as { fields: readonly SchemaField[] }
).fields.filter(({ name }) => !ownFields.has(name));

/** `carm policy`: what an operator wants of a cluster. */
export function policyCommand(context: CliContext): Command {
  const set = new Command("set")
    .description("Change a cluster's policy; what is not named stays as it is")
    .argument("<cluster>")
    .argument("[settings...]", "field=value; null takes a limit away")
    .option("--file <file>", "fields as YAML or JSON, before those of the command line")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", setHelp())
    .action((cluster: string, settings: readonly string[], options: { file?: string; json?: boolean }) =>
      inSession(context, set, async (session) => {
        const known = await latestPolicy(session, cluster);
        const changes = options.file === undefined ? {} : await readFields(options.file);
        for (const setting of settings) assign(changes, setting);
        const policy = changed(known ?? defaultPolicy(cluster), changes, context.nowMs());
        // The shape first: the rules rely on it.
        session.codec.encode("carm.policies", policy);
        validateRecord("carm.policies", policy);
        const publisher = await createPublisher(session.broker, session.codec);
        publisher.add("carm.policies", policy, policy.observedAt);
        await publisher.close();
        if (options.json) printJson(context.stdout, policy);
        else context.stdout.write(`${cluster} has policy version ${policy.version}: ${summary(policy)}\n`);
      }),
    );

  const show = new Command("show")
    .description("Show a cluster's policy")
    .argument("<cluster>")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", "\nExample:\n  carm policy show lab")
    .action((cluster: string, options: { json?: boolean }) =>
      inSession(context, show, async (session) => {
        const known = await latestPolicy(session, cluster);
        const policy = known ?? defaultPolicy(cluster);
        if (options.json) printJson(context.stdout, policy);
        else {
          if (known === undefined)
            context.stdout.write(`${cluster} was given no policy; this is what holds:\n`);
          printFields(context.stdout, fieldsOf(policy));
        }
      }),
    );

  return [set, show]
    .map((command) => withSettings(command))
    .reduce(
      (group, command) => group.addCommand(command),
      new Command("policy").description("Set and show what an operator wants: planner, mode, limits"),
    );
}

export async function latestPolicy(session: Session, cluster: string): Promise<Policy | undefined> {
  return (await readTable("carm.policies", { ...session, cluster })).at(-1);
}

function setHelp(): string {
  const width = Math.max(...policyFields.map(({ name }) => name.length));
  const lines = policyFields.map(({ name, doc = "" }) => `  ${name.padEnd(width)}  ${doc}`.trimEnd());
  const examples = [
    "  carm policy set lab mode=live planner=ca-rm",
    "  carm policy set lab maxSmClockMhz=1700 leaseMs=600000",
    "  carm policy set lab maxSmClockMhz=null",
  ];
  return `\nFields:\n${lines.join("\n")}\n\nExamples:\n${examples.join("\n")}`;
}

/** Puts `a.b=value` into the fields; values are read as YAML. */
function assign(fields: Record<string, unknown>, setting: string): void {
  const at = setting.indexOf("=");
  if (at < 1) {
    const message = `"${setting}" is no setting; write field=value, for example mode=live`;
    throw new CarmError("ERR_OPTION_INVALID", message);
  }
  const path = setting.slice(0, at).split(".");
  let group = fields;
  for (const name of path.slice(0, -1)) {
    const inner = group[name];
    group[name] = typeof inner === "object" && inner !== null ? { ...inner } : {};
    group = group[name] as Record<string, unknown>;
  }
  group[path.at(-1)!] = parse(setting.slice(at + 1));
}

function changed(policy: Policy, changes: Record<string, unknown>, nowMs: number): Policy {
  const names = policyFields.map(({ name }) => name);
  const unknown = Object.keys(changes).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `a policy has no field ${unknown} to set; there are ${names.join(", ")}`;
    throw new CarmError("ERR_OPTION_INVALID", message);
  }
  const next = merged(policy, changes) as Policy;
  if (!Object.hasOwn(planners, next.planner)) {
    const message = `there is no planner ${next.planner}; there are ${Object.keys(planners).join(", ")}`;
    throw new CarmError("ERR_OPTION_INVALID", message);
  }
  return { ...next, observedAt: nowMs, version: policy.version + 1 };
}

/** Nested records are changed field by field, everything else is replaced. */
function merged(known: object, changes: object): object {
  const result: Record<string, unknown> = { ...known };
  for (const [name, value] of Object.entries(changes)) {
    const before = result[name];
    result[name] = isFields(before) && isFields(value) ? merged(before, value) : value;
  }
  return result;
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function summary(policy: Policy): string {
  return policyFields.map(({ name }) => `${name}=${inline(policy[name as keyof Policy])}`).join(" ");
}

function fieldsOf(policy: Policy): (readonly [string, Cell])[] {
  return [
    ["cluster", policy.cluster],
    ["version", policy.version],
    ["set", policy.version === 0 ? null : utc(policy.observedAt)],
    ...policyFields.map(({ name }) => [name, inline(policy[name as keyof Policy])] as const),
  ];
}

function inline(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
