import { Command } from "commander";
import { createRegistry, fleetPage, fleetSummary, LogFollower, observedFleet } from "../../observe/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { asDaemon } from "../runtime/daemon.ts";
import { metricsPage } from "../runtime/metrics-page.ts";

/** `carm observe`: shows what the log says, to Prometheus and to people. */
export function observeCommand(context: CliContext): Command {
  const command = new Command("observe")
    .description(
      "Show every cluster on a web page (/) and to Prometheus (/metrics); reads the log, writes nothing",
    )
    .addHelpText(
      "after",
      "\nExample:\n  carm observe --health-port 9464      then open http://127.0.0.1:9464/\n\nOne is enough for all clusters. It keeps no state: a new one reads the log and knows the same.",
    )
    .action(() =>
      inSession(context, command, async (session) => {
        const registry = createRegistry();
        const view = observedFleet(registry);
        const follower = await LogFollower.open({ ...session, view });
        const notReady = () => (follower.isCaughtUp ? [] : ["still reading what the log holds"]);
        const pages = {
          "/": async () => ({ contentType: "text/html; charset=utf-8", body: fleetPage(fleetSummary(view)) }),
          "/summary.json": async () => ({
            contentType: "application/json",
            body: JSON.stringify(fleetSummary(view)),
          }),
          ...metricsPage(registry),
        };
        await asDaemon(context, session, { notReady, pages }, () => follower.run(context.signal));
      }),
    );
  return withSettings(command, ["health"]);
}
