export type { Profile } from "../records/index.ts";
