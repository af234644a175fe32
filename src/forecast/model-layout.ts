/** Leads of an hourly forecast: lead 1 is the first hour that was not observed at issue. */
export const LEADS = 96;

/** Which regression serves which forecast: models by lead, by hour of issue and by hour of day of the target. */
export interface ModelLayout {
  readonly models: number;
  /** The model for a target (see hourOf) at a lead. */
  modelOf(target: number, lead: number): number;
  /** Weight of a sample at a lead, so that each model gets a weight of about 1 a day. */
  weightOf(lead: number): number;
  /** Row of the prior that a model starts from. */
  priorRowOf(model: number): number;
  /** Models to bring up to date once the hour `target` is in; each is due once a day. */
  dueAfter(target: number): readonly number[];
}

/** Issues are told apart in four groups around 00, 06, 12 and 18 h UTC. */
const ISSUE_GROUPS = 4;
export const ISSUE_GROUP_HOURS = 24 / ISSUE_GROUPS;
/** Leads with a model of their own. */
const SHORT_LEADS = 3;
const DAY_ONE_TARGETS = 8;
const LATER_TARGETS = 6;
const DAY_ONE = SHORT_LEADS * ISSUE_GROUPS;
const DAY_TWO = DAY_ONE + ISSUE_GROUPS * DAY_ONE_TARGETS;
const LATER = DAY_TWO + ISSUE_GROUPS * LATER_TARGETS;
const FINE_MODELS = LATER + ISSUE_GROUPS * LATER_TARGETS;

/** Prior rows: leads 1, 2, 3; day one by the distance of target and issue; day two; days three and four. */
const DAY_ONE_ROW = SHORT_LEADS;
const DAY_TWO_ROW = DAY_ONE_ROW + DAY_ONE_TARGETS;
const LATER_ROW = DAY_TWO_ROW + 1;
export const PRIOR_ROWS = LATER_ROW + 1;

function issueGroup(target: number, lead: number): number {
  const issue = target - lead + 1;
  return Math.floor(((issue + ISSUE_GROUP_HOURS / 2) % 24) / ISSUE_GROUP_HOURS);
}

function targetGroup(target: number, groups: number): number {
  return Math.floor(((target % 24) * groups) / 24);
}

/** Enough models for what differs over a day; for intensity and supply. */
export const fineLayout: ModelLayout = {
  models: FINE_MODELS,
  modelOf(target, lead) {
    const group = issueGroup(target, lead);
    if (lead <= SHORT_LEADS) return (lead - 1) * ISSUE_GROUPS + group;
    if (lead <= 24) return DAY_ONE + group * DAY_ONE_TARGETS + targetGroup(target, DAY_ONE_TARGETS);
    const from = lead <= 48 ? DAY_TWO : LATER;
    return from + group * LATER_TARGETS + targetGroup(target, LATER_TARGETS);
  },
  weightOf(lead) {
    if (lead <= SHORT_LEADS) return 1 / ISSUE_GROUP_HOURS;
    if (lead <= 24) return (ISSUE_GROUPS * DAY_ONE_TARGETS) / (24 * (24 - SHORT_LEADS));
    return (ISSUE_GROUPS * LATER_TARGETS) / (24 * (lead <= 48 ? 24 : 48));
  },
  priorRowOf(model) {
    if (model < DAY_ONE) return Math.floor(model / ISSUE_GROUPS);
    if (model >= LATER) return LATER_ROW;
    if (model >= DAY_TWO) return DAY_TWO_ROW;
    const group = Math.floor((model - DAY_ONE) / DAY_ONE_TARGETS);
    const distance = ((model - DAY_ONE) % DAY_ONE_TARGETS) - (group * DAY_ONE_TARGETS) / ISSUE_GROUPS;
    return DAY_ONE_ROW + ((distance + DAY_ONE_TARGETS) % DAY_ONE_TARGETS);
  },
  dueAfter(target) {
    return fineDue[target % 24]!;
  },
};

/** By hour of day: the models whose group of hours ends with it. */
const fineDue = Array.from({ length: 24 }, (_, hour) => {
  const ends = (hours: number, offset: number): boolean => (hour + offset) % hours === hours - 1;
  const due: number[] = [];
  for (let group = 0; group < ISSUE_GROUPS; group++) {
    if (ends(24 / DAY_ONE_TARGETS, 0))
      due.push(DAY_ONE + group * DAY_ONE_TARGETS + targetGroup(hour, DAY_ONE_TARGETS));
    if (!ends(24 / LATER_TARGETS, 0)) continue;
    const at = group * LATER_TARGETS + targetGroup(hour, LATER_TARGETS);
    due.push(DAY_TWO + at, LATER + at);
  }
  if (ends(ISSUE_GROUP_HOURS, ISSUE_GROUP_HOURS / 2)) {
    for (let lead = 1; lead <= SHORT_LEADS; lead++) due.push((lead - 1) * ISSUE_GROUPS + issueGroup(hour, 1));
  }
  return due;
});

const coarseEdges = [1, 2, 3, 4, 7, 10, 13, 16, 19, 22, 25, 49, 97];
const coarseRows = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const coarseOfLead = Array.from({ length: LEADS + 1 }, (_, lead) =>
  Math.max(0, coarseEdges.findIndex((edge) => edge > lead) - 1),
);

/** Few models, by lead alone: for series of which there are many, such as the arrivals of services. */
export const coarseLayout: ModelLayout = {
  models: coarseRows.length,
  modelOf: (_target, lead) => coarseOfLead[lead]!,
  weightOf: (lead) => 1 / (24 * (coarseEdges[coarseOfLead[lead]! + 1]! - coarseEdges[coarseOfLead[lead]!]!)),
  priorRowOf: (model) => coarseRows[model]!,
  dueAfter: (target) => (target % 2 === 1 ? [Math.floor((target % 24) / 2)] : []),
};
