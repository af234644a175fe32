import { z } from "zod";
import { defaultAgentLimits } from "../../agent/index.ts";
import { defaultLimits } from "../../stream/index.ts";

/** Where else than in the file a setting can be given, and what it is for. */
interface SettingSource {
  readonly about: string;
  /** Environment variable. */
  readonly env?: string;
  /** Command-line flag, as commander writes it. */
  readonly flag?: string;
  /** Never shown. */
  readonly secret?: true;
}

/** A leaf of the configuration, found by its dotted key. */
export interface Setting extends SettingSource {
  readonly key: string;
  readonly shape: z.ZodType;
}

const sources = z.registry<SettingSource>();

function setting<T extends z.ZodType>(shape: T, source: SettingSource): T {
  sources.add(shape, source);
  return shape;
}

const text = z.string().min(1, "must not be empty");

/** A list, or text with commas, as environment variables have it. */
const addresses = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : value),
  z
    .array(z.string().regex(/^[^\s:/]+:\d+$/, "must be host:port, for example kafka-1:9092"))
    .min(1, "must name at least one broker"),
);

const yes = new Set(["true", "yes", "1"]);
const no = new Set(["false", "no", "0"]);

const flag = z.preprocess(
  (value) => (yes.has(String(value)) ? true : no.has(String(value)) ? false : value),
  z.boolean("must be true or false"),
);

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  const parse = (value: unknown) =>
    typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return z.preprocess(parse, z.int(message).min(min, message).max(max, message));
}

const saslMechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;
const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

/** Everything that can be configured. What a deployment must say itself is optional here and asked for when used. */
export const configShape = z.strictObject({
  kafka: z.strictObject({
    brokers: setting(addresses.optional(), {
      about: "Kafka brokers to start from",
      env: "KAFKA_BROKERS",
      flag: "--brokers <host:port,…>",
    }),
    clientId: setting(text.default("carm"), {
      about: "Name shown in the broker's logs",
      env: "KAFKA_CLIENT_ID",
    }),
    ssl: setting(flag.default(false), { about: "Connect with TLS", env: "KAFKA_SSL" }),
    saslMechanism: setting(z.enum(saslMechanisms).optional(), {
      about: `How to log in: ${saslMechanisms.join(", ")}; unset for not at all`,
      env: "KAFKA_SASL_MECHANISM",
    }),
    saslUsername: setting(text.optional(), { about: "User to log in as", env: "KAFKA_SASL_USERNAME" }),
    saslPassword: setting(text.optional(), {
      about: "The user's password",
      env: "KAFKA_SASL_PASSWORD",
      secret: true,
    }),
  }),
  schemaRegistry: z.strictObject({
    url: setting(z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).optional(), {
      about: "Confluent-compatible schema registry",
      env: "SCHEMA_REGISTRY_URL",
      flag: "--registry <url>",
    }),
    username: setting(text.optional(), { about: "User of the registry", env: "SCHEMA_REGISTRY_USERNAME" }),
    password: setting(text.optional(), {
      about: "The user's password",
      env: "SCHEMA_REGISTRY_PASSWORD",
      secret: true,
    }),
  }),
  state: z.strictObject({
    folder: setting(text.default("carm-state"), {
      about: "Where this process keeps what it can rebuild; not shared with another process",
      env: "CARM_STATE_FOLDER",
      flag: "--state <folder>",
    }),
  }),
  health: z.strictObject({
    host: setting(text.default("127.0.0.1"), {
      about: "Address that /healthz and /readyz listen on",
      env: "CARM_HEALTH_HOST",
    }),
    port: setting(wholeNumber(0, 65_535).optional(), {
      about: "Port of /healthz and /readyz; 0 takes a free one, unset opens none",
      env: "CARM_HEALTH_PORT",
      flag: "--health-port <port>",
    }),
  }),
  log: z.strictObject({
    level: setting(z.enum(logLevels).default("info"), {
      about: `What is logged: ${logLevels.join(", ")}`,
      env: "CARM_LOG_LEVEL",
      flag: "--log-level <level>",
    }),
  }),
  stream: limits(defaultLimits, "Limit of the processor; see src/stream/limits.ts"),
  agent: limits(defaultAgentLimits, "Limit of the agents; see src/agent/agent-limits.ts"),
});

export type Config = z.infer<typeof configShape>;

/** Every setting, in the order of the file. */
export const settings: readonly Setting[] = leaves(configShape, []);

function leaves(shape: z.ZodObject, path: readonly string[]): Setting[] {
  return Object.entries(shape.shape).flatMap(([name, child]) => {
    const at = [...path, name];
    if (child instanceof z.ZodObject) return leaves(child, at);
    return [{ ...sources.get(child as z.ZodType)!, key: at.join("."), shape: child as z.ZodType }];
  });
}

/** Named whole numbers, each with the default that its room gives it; the room checks their ranges. */
function limits<Limits extends object>(defaults: Limits, about: string) {
  const max = Number.MAX_SAFE_INTEGER;
  const shapes = Object.entries(defaults).map(([name, value]) => [
    name,
    setting(wholeNumber(0, max).default(value as number), { about }),
  ]);
  return z.strictObject(Object.fromEntries(shapes) as { [Name in keyof Limits & string]: z.ZodType<number> });
}
