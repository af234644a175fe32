import { CarmError } from "../../../records/index.ts";
import type { SlurmClient, SlurmJson } from "./slurm-client.ts";

export interface SlurmRestOptions {
  /** Where slurmrestd listens, for example `http://slurm:6820`. */
  readonly url: string;
  readonly user: string;
  /** A JSON Web Token; asked for anew when one is refused. */
  readonly token: () => Promise<string>;
  /** v0.0.38 unless given: the newest of Slurm 22.05, and known to later versions. */
  readonly apiVersion?: string;
  /** For what slurmrestd can't do: number of nodes, requeue, suspend, resume and comments. */
  readonly commands: SlurmClient;
}

interface Answer {
  readonly jobs?: readonly SlurmJson[];
  readonly errors?: readonly { readonly error?: string; readonly description?: string }[];
}

const TIMEOUT_MS = 30_000;

/**
 * Slurm through slurmrestd: jobs are read, released and given a start time over HTTP. Everything else has no call, or
 * one that is answered but changes nothing (`nodes` in 22.05), and goes through the commands.
 */
export function createSlurmRest(options: SlurmRestOptions): SlurmClient {
  const { commands } = options;
  const rest = new SlurmRest(options);
  const change = async (jobId: string, body: object) => {
    await rest.ask("POST", `job/${jobId}`, body);
  };
  return {
    ...commands,
    jobs: async () => (await rest.ask("GET", "jobs")).jobs ?? [],
    release: (jobId) => change(jobId, { hold: false }),
    startAfter: (jobId, time) => change(jobId, { begin_time: time }),
  };
}

class SlurmRest {
  readonly #options: SlurmRestOptions;
  #token: string | null = null;

  constructor(options: SlurmRestOptions) {
    this.#options = options;
  }

  async ask(method: string, path: string, body?: object): Promise<Answer> {
    const known = this.#token;
    const first = await this.#send(method, path, body, known ?? (await this.#renewed()));
    // A token that ran out is refused by slurmctld, of which slurmrestd makes a failure without a name.
    const mayHaveRunOut = known !== null && (first.status === 401 || first.status === 500);
    if (!mayHaveRunOut) return await this.#answer(path, first);
    return await this.#answer(path, await this.#send(method, path, body, await this.#renewed()));
  }

  async #renewed(): Promise<string> {
    this.#token = await this.#options.token();
    return this.#token;
  }

  async #send(method: string, path: string, body: object | undefined, token: string): Promise<Response> {
    const { url, user, apiVersion = "v0.0.38" } = this.#options;
    const headers: Record<string, string> = { "X-SLURM-USER-NAME": user, "X-SLURM-USER-TOKEN": token };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await fetch(`${url}/slurm/${apiVersion}/${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      const message = `slurmrestd at ${url} does not answer; see whether it runs.`;
      throw new CarmError("ERR_ACTUATOR_FAILED", message, { cause });
    }
  }

  async #answer(path: string, response: Response): Promise<Answer> {
    if (response.status === 401) throw denied(path);
    const text = await response.text();
    let answer: Answer;
    try {
      answer = JSON.parse(text) as Answer;
    } catch (cause) {
      const message = `slurmrestd answered ${path} with ${response.status}: ${text.slice(0, 200)}`;
      throw new CarmError("ERR_ACTUATOR_FAILED", message, { cause });
    }
    // Some failures come with status 200.
    const [first] = answer.errors ?? [];
    if (first === undefined && response.ok) return answer;
    const said = first?.description ?? first?.error ?? `status ${response.status}`;
    if (/permission denied|Invalid user id/i.test(`${said} ${first?.error}`)) {
      throw new CarmError(
        "ERR_ACTUATOR_DENIED",
        `slurmrestd refuses ${path}: ${said}. The user needs operator rights.`,
      );
    }
    const hint =
      response.status === 500 ? " See whether slurmctld runs and whether the token (SLURM_JWT) is good." : "";
    throw new CarmError("ERR_ACTUATOR_FAILED", `slurmrestd answered ${path}: ${said}.${hint}`);
  }
}

function denied(path: string): CarmError {
  const message = `slurmrestd refuses the token for ${path}; make a new one (scontrol token) and set SLURM_JWT.`;
  return new CarmError("ERR_ACTUATOR_DENIED", message);
}
