import { runCli } from "./program.ts";
import { connectKafka } from "./runtime/connect.ts";
import { stopSignal } from "./runtime/stop-signal.ts";

// Whoever reads the output has seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  nowMs: Date.now,
  get signal() {
    return stopSignal();
  },
  connect: connectKafka,
});
