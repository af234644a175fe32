export { carbonScalerPlanner } from "./carbon-scaler.ts";
export { energyCostPlanner } from "./energy-cost.ts";
export {
  clocksOnlyPlanner,
  energyCostClocksPlanner,
  energyOnlyPlanner,
  startOnlyPlanner,
  workersOnlyPlanner,
} from "./limited-levers.ts";
export { maxPlanner } from "./max.ts";
export { minPlanner } from "./min.ts";
export { powerCapPlanner } from "./power-cap.ts";
export { waitAwhilePlanner, waitAwhileRigidPlanner } from "./wait-awhile.ts";
