import { CarmError } from "../../../records/index.ts";

/** HTTP status of a failed request; null if the API server did not answer. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "number" ? error.code : null;
}

/** Runs a request. Throws ERR_ACTUATOR_DENIED (with what to grant), ERR_ACTUATOR_UNSUPPORTED or ERR_ACTUATOR_FAILED. */
export async function asked<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    throw kubeError(what, cause);
  }
}

export function kubeError(what: string, cause: unknown): CarmError {
  if (cause instanceof CarmError) return cause;
  const status = statusOf(cause);
  const said = messageOf(cause);
  const failed = (
    code: "ERR_ACTUATOR_FAILED" | "ERR_ACTUATOR_DENIED" | "ERR_ACTUATOR_UNSUPPORTED",
    text: string,
  ) => new CarmError(code, `${what}: ${text}`, { cause });
  switch (status) {
    case null:
      return failed("ERR_ACTUATOR_FAILED", `the API server does not answer (${said}).`);
    case 401:
      return failed(
        "ERR_ACTUATOR_DENIED",
        "the API server does not accept the credentials; renew the token.",
      );
    case 403:
      return failed("ERR_ACTUATOR_DENIED", `${said} Apply deploy/kubernetes/rbac.yaml.`);
    case 404:
      return failed("ERR_ACTUATOR_FAILED", "it is no longer there.");
    case 405:
      return failed("ERR_ACTUATOR_UNSUPPORTED", said);
    default:
      return failed("ERR_ACTUATOR_FAILED", `answered ${status}: ${said}`);
  }
}

function messageOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return String(cause);
  if ("body" in cause && typeof cause.body === "string") {
    try {
      const { message } = JSON.parse(cause.body) as { message?: unknown };
      if (typeof message === "string") return message;
    } catch {
      return cause.body.slice(0, 300);
    }
  }
  if ("body" in cause && typeof cause.body === "object" && cause.body !== null && "message" in cause.body) {
    return String(cause.body.message);
  }
  return cause instanceof Error
    ? String(cause.cause instanceof Error ? cause.cause.message : cause.message)
    : "";
}
