import { Command } from "commander";
import { FleetView, fleetSummary, LogFollower } from "../../observe/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { printJson } from "../runtime/print.ts";
import { topScreen } from "../top/screen.ts";

/** Time between two screens. */
const REFRESH_MS = 2000;
const CLEAR = "\u001b[2J\u001b[H";

/** `carm top`: clusters, services and jobs as they are, in the terminal. */
export function topCommand(context: CliContext): Command {
  const command = new Command("top")
    .description("Watch clusters, services and jobs in the terminal")
    .option("--once", "print what is so now and end; so does a terminal that is none")
    .option("--json", "print one JSON object and nothing else on standard output, then end")
    .addHelpText("after", "\nExample:\n  carm top\n  carm top --once --json | jq '.clusters[].kgCo2'")
    .action((options: { once?: boolean; json?: boolean }) =>
      inSession(context, command, async (session) => {
        const view = new FleetView();
        const follower = await LogFollower.open({ ...session, view });
        const { stdout, signal } = context;
        try {
          while (!follower.isCaughtUp && !signal.aborted) await follower.poll(500);
          if (options.json) printJson(stdout, fleetSummary(view));
          else if (options.once || stdout.isTTY !== true) stdout.write(topScreen(fleetSummary(view)));
          else {
            for (let shownAt = 0; !signal.aborted; ) {
              await follower.poll(200);
              if (context.nowMs() - shownAt < REFRESH_MS) continue;
              shownAt = context.nowMs();
              stdout.write(`${CLEAR}${topScreen(fleetSummary(view))}`);
            }
          }
        } finally {
          await follower.close();
        }
      }),
    );
  return withSettings(command);
}
