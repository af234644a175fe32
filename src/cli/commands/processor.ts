import { Command } from "commander";
import { createRegistry, observeStream } from "../../observe/index.ts";
import type { Worker } from "../../stream/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { asDaemon } from "../runtime/daemon.ts";
import { metricsPage } from "../runtime/metrics-page.ts";
import { runProcessor } from "../runtime/run-processor.ts";
import { processorVerifyCommand } from "./processor-verify.ts";

/** `carm processor`: a member of the group that closes the loop. */
export function processorCommand(context: CliContext): Command {
  const command = new Command("processor")
    .description("Run a processor: reads events, forecasts, plans, decides. Start as many as you like")
    .option("--simulated-time", "follow the time that carm source replay writes, instead of the clock")
    .addHelpText(
      "after",
      "\nExample:\n  carm processor --state /var/lib/carm --health-port 8080\n\nSIGTERM commits what was taken and leaves the group.",
    )
    .action((options: { simulatedTime?: boolean }) =>
      inSession(context, command, async (session) => {
        let worker: Worker | undefined;
        const notReady = () => {
          if (worker === undefined) return ["has not joined its group"];
          return worker.running.length > 0
            ? []
            : ["no partition is running: none assigned, or still restoring"];
        };
        const registry = createRegistry();
        await asDaemon(context, session, { notReady, pages: metricsPage(registry) }, () =>
          runProcessor({
            ...session,
            stateFolder: session.config.state.folder,
            limits: session.config.stream,
            simulatedTime: options.simulatedTime === true,
            onWorker: (joined) => {
              worker = joined;
              observeStream(registry, joined.metrics);
            },
            signal: context.signal,
          }),
        );
      }),
    );
  return withSettings(command, ["state", "health"]).addCommand(processorVerifyCommand(context));
}
