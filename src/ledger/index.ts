export { accountOf, emptyHour, type HourAccount, type SubjectAccount } from "./account.ts";
export { energyBetweenJoules, HOUR_MS, hourOf, splitByHour } from "./energy.ts";
export { type HourConditions, stateHour } from "./statement.ts";
