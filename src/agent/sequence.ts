/**
 * The number after `previous` that counts up over restarts without being stored: at least the wall clock. A gap means
 * nothing; only a number that is not above the last one marks a duplicate.
 */
export function nextSequence(previous: number, wallMs: number): number {
  return Math.max(previous + 1, Math.floor(wallMs));
}
