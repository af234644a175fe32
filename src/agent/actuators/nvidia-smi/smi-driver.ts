import { CarmError } from "../../../records/index.ts";
import { Exclusive } from "../../exclusive.ts";
import { asCarmError } from "../../reconcile-result.ts";
import { clockLimits } from "../nvidia/clock-reasons.ts";
import type { BoardReading, BoardState, GpuProcess, NvidiaDriver } from "../nvidia/driver.ts";
import { NvidiaError } from "../nvidia/return-codes.ts";
import { csvRows, type Smi, smiCommand } from "./smi-command.ts";

export interface SmiDriverOptions {
  /** `nvidia-smi` unless given: found in PATH. */
  readonly program?: string;
  /** How long a run may take, ms; 20 s unless given: it is slow without persistence mode. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
const FORMAT = "--format=csv,noheader,nounits";
const FIELDS = [
  "uuid",
  "name",
  "clocks.sm",
  "power.draw",
  "utilization.gpu",
  "temperature.gpu",
  "clocks.default_applications.graphics",
];
/** Its name since driver 535, and before. */
const REASON_FIELDS = ["clocks_event_reasons.active", "clocks_throttle_reasons.active"];
const RESET_REQUIRED = 16;
const LOST = 15;
const NO_FIELD = 13;

/**
 * Boards through the command nvidia-smi, for nodes whose library can't be loaded. It knows no energy counter that all
 * drivers have, so energy is measured from power, and it does not tell which MIG instance a process is in.
 */
export function createSmiDriver(options: SmiDriverOptions = {}): NvidiaDriver {
  const { program = "nvidia-smi", timeoutMs = TIMEOUT_MS } = options;
  return new SmiDriver(smiCommand(program, timeoutMs));
}

class SmiDriver implements NvidiaDriver {
  readonly #smi: Smi;
  readonly #exclusive = new Exclusive();
  /** Supported clocks, MHz, by board; all boards that were ever seen. */
  readonly #clocks = new Map<string, SupportedClocks>();
  #reasonField = 0;

  constructor(smi: Smi) {
    this.#smi = smi;
  }

  read(uuid?: string): Promise<readonly BoardState[]> {
    return this.#exclusive.run(async () => {
      try {
        return await this.#states(uuid === undefined ? [] : ["-i", uuid]);
      } catch (error) {
        // One lost board can make the command fail for all.
        if (!(error instanceof NvidiaError) || error.remedy !== "lost" || this.#clocks.size === 0)
          throw error;
        const known = uuid === undefined ? [...this.#clocks.keys()] : [uuid];
        return (await Promise.all(known.map((board) => this.#stateOf(board)))).flat();
      }
    });
  }

  lockSmClock(uuid: string, smClockMhz: number): Promise<void> {
    return this.#change(uuid, "-lgc", `${smClockMhz},${smClockMhz}`);
  }

  resetSmClock(uuid: string): Promise<void> {
    return this.#change(uuid, "-rgc");
  }

  async lockMemoryClockLow(uuid: string): Promise<void> {
    const lowest = (await this.#exclusive.run(() => this.#supported(uuid))).memoryMhz[0];
    if (lowest === undefined) throw new NvidiaError("nvidia-smi --query-supported-clocks", NOT_SUPPORTED);
    await this.#change(uuid, "-lmc", `${lowest},${lowest}`);
  }

  resetMemoryClock(uuid: string): Promise<void> {
    return this.#change(uuid, "-rmc");
  }

  async setPowerLimit(uuid: string, powerWatts: number | null): Promise<void> {
    const fields = "--query-gpu=power.min_limit,power.max_limit,power.default_limit";
    const [row] = csvRows(await this.#smi("-i", uuid, fields, FORMAT));
    const [least, most, byDefault] = (row ?? []).map(Number);
    const watts = powerWatts ?? byDefault;
    if (watts === undefined || !(watts >= least! && watts <= most!)) {
      const message = `${uuid} takes power limits of ${least} to ${most} W, not ${watts} W.`;
      throw new CarmError("ERR_ACTUATOR_FAILED", message);
    }
    await this.#change(uuid, "-pl", String(watts));
  }

  async close(): Promise<void> {}

  #change(uuid: string, ...args: readonly string[]): Promise<void> {
    return this.#exclusive.run(async () => {
      await this.#smi("-i", uuid, ...args);
    });
  }

  async #stateOf(uuid: string): Promise<readonly BoardState[]> {
    try {
      return await this.#states(["-i", uuid]);
    } catch (cause) {
      return [{ uuid, reading: null, error: asCarmError(cause) }];
    }
  }

  async #states(which: readonly string[]): Promise<readonly BoardState[]> {
    const rows = await this.#query(which);
    const processes = await this.#processes();
    const states: BoardState[] = [];
    for (const row of rows) {
      const uuid = row[0]!;
      try {
        const reading = parseRow(row, await this.#supported(uuid), processes.get(uuid) ?? []);
        states.push({ uuid, reading, error: null });
      } catch (cause) {
        states.push({ uuid, reading: null, error: asCarmError(cause) });
      }
    }
    return states;
  }

  async #query(which: readonly string[]): Promise<readonly (readonly string[])[]> {
    const fields = [...FIELDS, REASON_FIELDS[this.#reasonField]!].join(",");
    try {
      return csvRows(await this.#smi(...which, `--query-gpu=${fields}`, FORMAT));
    } catch (error) {
      const isOld = error instanceof NvidiaError && error.code === "ERR_ACTUATOR_UNSUPPORTED";
      if (!isOld || this.#reasonField === REASON_FIELDS.length - 1) throw error;
      this.#reasonField += 1;
      return await this.#query(which);
    }
  }

  async #processes(): Promise<ReadonlyMap<string, readonly GpuProcess[]>> {
    const found = new Map<string, GpuProcess[]>();
    for (const [uuid, pid] of csvRows(await this.#smi("--query-compute-apps=gpu_uuid,pid", FORMAT))) {
      if (!/^\d+$/.test(pid ?? "")) continue;
      const list = found.get(uuid!) ?? [];
      list.push({ pid: Number(pid), gpuInstance: null });
      found.set(uuid!, list);
    }
    return found;
  }

  async #supported(uuid: string): Promise<SupportedClocks> {
    const known = this.#clocks.get(uuid);
    if (known !== undefined) return known;
    const rows = csvRows(await this.#smi("-i", uuid, "--query-supported-clocks=gr,mem", FORMAT));
    const clocks = {
      smMhz: rising(rows.map(([sm]) => sm)),
      memoryMhz: rising(rows.map(([, memory]) => memory)),
    };
    this.#clocks.set(uuid, clocks);
    return clocks;
  }
}

interface SupportedClocks {
  readonly smMhz: readonly number[];
  readonly memoryMhz: readonly number[];
}

const NOT_SUPPORTED = 3;

function parseRow(
  row: readonly string[],
  clocks: SupportedClocks,
  processes: readonly GpuProcess[],
): BoardReading {
  const [uuid, name, smClock, power, utilization, temperature, defaultClock, reasons] = row as string[];
  const text = row.join(",");
  if (/GPU is lost/i.test(text)) throw new NvidiaError("nvidia-smi --query-gpu", LOST);
  if (/reset required|requires reset/i.test(text))
    throw new NvidiaError("nvidia-smi --query-gpu", RESET_REQUIRED);
  const figures = [smClock, power, temperature].map(Number);
  if (figures.some(Number.isNaN)) throw new NvidiaError(`nvidia-smi --query-gpu (${text})`, NO_FIELD);
  return {
    uuid: uuid!,
    name: name!,
    supportedSmClocksMhz: clocks.smMhz,
    defaultSmClockMhz: numberOr(null, defaultClock),
    smClockMhz: figures[0]!,
    powerWatts: figures[1]!,
    energyMillijoules: null,
    // Boards in MIG mode have no figure: one with work counts as busy.
    utilization: Math.min(1, numberOr(100, utilization) / 100),
    temperatureCelsius: figures[2]!,
    limits: clockLimits(/^0x[0-9a-f]+$/i.test(reasons ?? "") ? BigInt(reasons!) : 0n),
    processes,
    instances: new Map(),
  };
}

function numberOr<T>(other: T, text: string | undefined): number | T {
  const value = Number(text);
  return text === undefined || text === "" || Number.isNaN(value) ? other : value;
}

function rising(texts: readonly (string | undefined)[]): readonly number[] {
  const clocks = texts.map((text) => numberOr(null, text)).filter((clock) => clock !== null);
  return [...new Set(clocks)].sort((a, b) => a - b);
}
