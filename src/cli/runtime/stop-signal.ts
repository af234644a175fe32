/** Longest time that leaving may take: what is not committed by then, another process does again. */
const GRACE_MS = 20_000;

let stopping: AbortController | undefined;

/**
 * Ends with the first SIGTERM or SIGINT. A second one, or 20 s without having left, ends the process at once. A command
 * that never asks for this is ended by the first, as any process is.
 */
export function stopSignal(): AbortSignal {
  if (stopping !== undefined) return stopping.signal;
  const controller = new AbortController();
  stopping = controller;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort();
      setTimeout(() => {
        process.stderr.write(
          `error: still not finished ${GRACE_MS / 1000} s after ${signal}; leaving as it is\n`,
        );
        process.exit(1);
      }, GRACE_MS).unref();
    });
  }
  return controller.signal;
}
