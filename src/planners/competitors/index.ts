export { energyCostPlanner } from "./energy-cost.ts";
export { maxPlanner } from "./max.ts";
export { minPlanner } from "./min.ts";
export { powerCapPlanner } from "./power-cap.ts";
