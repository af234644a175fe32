/** Headers with a meaning to the runtime. */

/** On a record that was sent on to its own partition: where it was found. Its second miss is a dead letter. */
export const reroutedHeader = "carm-rerouted";

/** On any input record: ends the quarantine of its cluster, before the record itself is processed. */
export const resumeHeader = "carm-resume";
