import type { Profile } from "../records/index.ts";

/** A profile that belongs to no cluster yet. */
export type ProfileTemplate = Omit<Profile, "cluster" | "observedAt">;
