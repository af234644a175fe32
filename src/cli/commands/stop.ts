import { Command } from "commander";
import { createPublisher, readTable } from "../../client/index.ts";
import { defaultPolicy } from "../../processor/index.ts";
import type { Decision, Epoch, Policy } from "../../records/index.ts";
import type { CliContext } from "../runtime/cli-context.ts";
import { inSession, withSettings } from "../runtime/configured.ts";
import { printJson } from "../runtime/print.ts";

const explanation = `
Puts a release of everything decided so far on the control topic, which agents obey whether a processor runs or not,
and turns the policy off, so that no processor decides anew: clocks go back to the hardware, held jobs start.

Example:
  carm stop lab
  carm policy set lab mode=live       # later, to go on

Without Kafka: carm agent release, on the machine of the agent.`;

/** `carm stop`: the emergency stop of a cluster. */
export function stopCommand(context: CliContext): Command {
  const command = new Command("stop")
    .description("Emergency stop: release everything that CA-RM has set in a cluster")
    .argument("<cluster>")
    .option("--json", "print JSON and nothing else on standard output")
    .addHelpText("after", explanation)
    .action((cluster: string, options: { json?: boolean }) =>
      inSession(context, command, async (session) => {
        const nowMs = context.nowMs();
        const decisions = await readTable("carm.decisions", { ...session, cluster });
        const policies = await readTable("carm.policies", { ...session, cluster });
        const policy = policyOff(policies.at(-1) ?? defaultPolicy(cluster), nowMs);
        const release = releaseOfAll(cluster, decisions, policy, nowMs);
        const publisher = await createPublisher(session.broker, session.codec);
        publisher.add("carm.decisions", release, nowMs);
        publisher.add("carm.policies", policy, nowMs);
        await publisher.close();
        const targets = decisions.filter(({ target }) => target.kind !== "lease").length;
        if (options.json) printJson(context.stdout, { release, policy });
        else
          context.stdout.write(
            `${cluster}: released ${targets} targets, policy version ${policy.version} is off; carm policy set ${cluster} mode=live goes on\n`,
          );
      }),
    );
  return withSettings(command);
}

function policyOff(policy: Policy, nowMs: number): Policy {
  return { ...policy, observedAt: nowMs, version: policy.version + 1, mode: "off" };
}

/** A release of the lease ends every target decided before it, so it comes right after the highest epoch so far. */
function releaseOfAll(
  cluster: string,
  decisions: readonly Decision[],
  { version, leaseMs, planner }: Policy,
  nowMs: number,
): Decision {
  const highest = decisions.reduce<Epoch>(
    (best, { epoch }) =>
      epoch.incarnation > best.incarnation ||
      (epoch.incarnation === best.incarnation && epoch.sequence > best.sequence)
        ? epoch
        : best,
    { incarnation: 1, sequence: 0 },
  );
  return {
    cluster,
    observedAt: nowMs,
    target: { kind: "lease", id: "" },
    epoch: { incarnation: highest.incarnation, sequence: highest.sequence + 1 },
    action: "release",
    workers: null,
    smClockMhz: null,
    leaseMs,
    onLeaseEnd: "default",
    policyVersion: version,
    reason: {
      planner,
      code: "operator-stop",
      gco2PerKwh: null,
      forecastGco2PerKwh: null,
      expectedPowerWatts: null,
      expectedGrams: null,
      expectedLatencyMs: null,
      expectedFinishAt: null,
    },
    planHash: "",
  };
}
