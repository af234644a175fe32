import { CarmError } from "../records/index.ts";
import type { ProfileTemplate } from "./profile-template.ts";

/** The profile of a model on a GPU model. Throws ERR_PROFILE_UNKNOWN, saying what there is. */
export function findProfile<P extends ProfileTemplate>(
  profiles: readonly P[],
  model: string,
  gpuModel: string,
): P {
  const found = profiles.find((profile) => profile.model === model && profile.gpu.model === gpuModel);
  if (found !== undefined) return found;
  const known = profiles.map((profile) => `${profile.model} on ${profile.gpu.model}`).join(", ") || "none";
  throw new CarmError(
    "ERR_PROFILE_UNKNOWN",
    `there is no profile for ${model} on ${gpuModel}; publish one on carm.profiles. Known: ${known}`,
  );
}
