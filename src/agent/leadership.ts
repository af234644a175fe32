/** Makes one of several agents the one that acts. */
export interface Leadership {
  /** Takes or renews it if due. False if somebody else has it. Throws if it can't be told and does not hold any more. */
  held(): Promise<boolean>;
  /** Gives it up, so that another need not wait. */
  release(): Promise<void>;
}
