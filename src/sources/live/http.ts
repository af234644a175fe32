import type { z } from "zod";
import { CarmError } from "../../records/index.ts";

/** A provider that asks for patience, and for how long. */
export class ThrottledError extends CarmError {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super("ERR_SOURCE_REFUSED", message);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface HttpRequest {
  /** For messages. */
  readonly provider: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** What to check when the provider says no, for example the name of the variable that holds the token. */
  readonly credentials?: string;
}

const TIMEOUT_MS = 30_000;
/** Assumed where a provider asks for patience without saying how much. */
const DEFAULT_RETRY_AFTER_MS = 300_000;

/** GETs JSON of a given shape. Throws ERR_SOURCE_UNAVAILABLE, ERR_SOURCE_REFUSED, ERR_SOURCE_MALFORMED. */
export async function getJson<T>(request: HttpRequest, shape: z.ZodType<T>): Promise<T> {
  const text = await getText(request);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed(request, "no JSON", cause);
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(request, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, parsed.error);
}

/** GETs text. Throws ERR_SOURCE_UNAVAILABLE, ERR_SOURCE_REFUSED. */
export async function getText(request: HttpRequest): Promise<string> {
  const { provider, url, headers = {} } = request;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (cause) {
    const message = `${provider} can't be reached at ${url.origin}: ${reasonOf(cause)}`;
    throw new CarmError("ERR_SOURCE_UNAVAILABLE", message, { cause });
  }
  if (!response.ok) throw refusal(request, response, text);
  return text;
}

/** A message about an answer that has the wrong shape. */
export function malformed({ provider, url }: HttpRequest, what: string, cause?: unknown): CarmError {
  const message = `${provider} answered ${url.pathname} with something unexpected: ${what}`;
  return new CarmError("ERR_SOURCE_MALFORMED", message, { cause });
}

function refusal({ provider, url, credentials }: HttpRequest, response: Response, text: string): CarmError {
  const { status } = response;
  const said = text.replace(/\s+/g, " ").trim().slice(0, 200);
  if (status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
    return new ThrottledError(
      `${provider} asks for patience (429): the plan's quota is used up`,
      retryAfterMs,
    );
  }
  if (status === 401 || status === 403) {
    const check = credentials === undefined ? "" : `; check ${credentials}`;
    return new CarmError(
      "ERR_SOURCE_REFUSED",
      `${provider} refused ${url.pathname} (${status}: ${said})${check}`,
    );
  }
  if (status >= 500) {
    return new CarmError("ERR_SOURCE_UNAVAILABLE", `${provider} is out of order (${status}: ${said})`);
  }
  return new CarmError("ERR_SOURCE_REFUSED", `${provider} refused ${url.pathname} (${status}: ${said})`);
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
