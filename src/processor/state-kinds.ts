import {
  decodeIntensityForecaster,
  decodeProviderMember,
  decodeRequestForecaster,
  decodeSupplyForecaster,
  encodeForecaster,
  encodeProviderMember,
  type IntensityForecaster,
  type ProviderMember,
  type RequestForecaster,
  type SupplyForecaster,
} from "../forecast/index.ts";
import type { HourAccount } from "../ledger/index.ts";
import { avroType, CarmError, type Cluster, type Plan, type Policy, type Profile } from "../records/index.ts";
import type { StateKind } from "../stream/processor.ts";
import { decodePlanning, encodePlanning, type Planning } from "./planning.ts";
import {
  type AgentState,
  type Control,
  type GridInterval,
  type JobRecord,
  type NodeState,
  type RemovedService,
  type ServiceRecord,
  stateSchemas,
} from "./state.generated.ts";

/** Version of every Avro entry below: the first byte of what is stored. */
const FORMAT_VERSION = 1;

/** Once a cluster. */
export const controlKind = avroKind<Control>("control", stateSchemas.Control);
export const clusterKind = avroKind<Cluster>("cluster", stateSchemas.Cluster);
export const policyKind = avroKind<Policy>("policy", stateSchemas.Policy);
export const planKind = avroKind<Plan>("plan", stateSchemas.Plan);
/** By `gpu model/deep-learning model`. */
export const profileKind = avroKind<Profile>("profile", stateSchemas.Profile);
/** By node name. */
export const nodeKind = avroKind<NodeState>("node", stateSchemas.NodeState);
/** By agent. */
export const agentKind = avroKind<AgentState>("agent", stateSchemas.AgentState);
/** By job id. */
export const jobKind = avroKind<JobRecord>("job", stateSchemas.JobRecord);
/** By service id. */
export const serviceKind = avroKind<ServiceRecord>("service", stateSchemas.ServiceRecord);
/** By service id. */
export const removedServiceKind = avroKind<RemovedService>("removed-service", stateSchemas.RemovedService);
/** By start of the interval, see `timeId`. */
export const gridKind = avroKind<GridInterval>("grid", stateSchemas.GridInterval);
/** By start of the hour, see `timeId`. */
export const ledgerKind = avroKind<HourAccount>("ledger", stateSchemas.LedgerHour);

/** Once a cluster: the forecaster of its zone's intensity. */
export const intensityKind: StateKind<IntensityForecaster> = {
  name: "intensity",
  encode: encodeForecaster,
  decode: decodeIntensityForecaster,
};
/** Once a cluster: the forecaster of its on-site supply. */
export const supplyKind: StateKind<SupplyForecaster> = {
  name: "supply",
  encode: encodeForecaster,
  decode: decodeSupplyForecaster,
};
/** By provider: its forecasts of the zone's intensity, and how good they are. */
export const providerKind: StateKind<ProviderMember> = {
  name: "provider",
  encode: encodeProviderMember,
  decode: decodeProviderMember,
};
/** By service id: the forecaster of its arrivals. */
export const arrivalsKind: StateKind<RequestForecaster> = {
  name: "arrivals",
  encode: encodeForecaster,
  decode: decodeRequestForecaster,
};
/** Once a cluster: a plan that is being computed. */
export const planningKind: StateKind<Planning> = {
  name: "planning",
  encode: encodePlanning,
  decode: decodePlanning,
};

/** All of them; the runtime never looks into a value, so their types are left out. */
export const stateKinds = [
  controlKind,
  clusterKind,
  policyKind,
  planKind,
  profileKind,
  nodeKind,
  agentKind,
  jobKind,
  serviceKind,
  removedServiceKind,
  gridKind,
  ledgerKind,
  intensityKind,
  providerKind,
  supplyKind,
  arrivalsKind,
  planningKind,
] as unknown as readonly StateKind<never>[];

/** An id that sorts by time. */
export function timeId(timeMs: number): string {
  return String(timeMs).padStart(15, "0");
}

function avroKind<T>(name: string, schema: object): StateKind<T> {
  const type = avroType(JSON.stringify(schema));
  return {
    name,
    encode(value) {
      const body = type.toBuffer(value);
      const bytes = new Uint8Array(body.length + 1);
      bytes[0] = FORMAT_VERSION;
      bytes.set(body, 1);
      return bytes;
    },
    decode(bytes) {
      if (bytes[0] !== FORMAT_VERSION) {
        throw new CarmError(
          "ERR_STATE_VERSION",
          `state entry of kind ${name} has format version ${bytes[0]}, this processor reads ${FORMAT_VERSION}`,
        );
      }
      try {
        return type.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1)) as T;
      } catch (cause) {
        throw new CarmError("ERR_STATE_CORRUPT", `state entry of kind ${name} can't be read`, { cause });
      }
    },
  };
}
