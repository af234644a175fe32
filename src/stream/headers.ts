/** Headers with a meaning to the runtime. */

/** On a record that was sent on to its own partition: where it was found. Its second miss is a dead letter. */
export const reroutedHeader = "carm-rerouted";

/** On a record that was a dead letter: partition and offset of the letter it was made again from. */
export const replayedHeader = "carm-replayed";

/** On any input record: ends the quarantine of its cluster, before the record itself is processed. */
export const resumeHeader = "carm-resume";
