import { findProfile, type ProfileTemplate, profileLibrary } from "../../src/profiles/index.ts";
import type { Batching, Profile } from "../../src/records/index.ts";

/** A profile of the library, for a cluster of the tests. */
export function libraryProfile(model: string, gpuModel = "rtx-4090"): Profile {
  return { ...findProfile(profileLibrary, model, gpuModel), cluster: "test", observedAt: 0 };
}

export function servingProfile(batching: Batching): ProfileTemplate {
  return { ...libraryProfile("resnet50-vision"), batching };
}
