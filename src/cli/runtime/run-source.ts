import { setTimeout as sleep } from "node:timers/promises";
import { createPublisher, readTable } from "../../client/index.ts";
import { GridPoller, type GridSource } from "../../sources/index.ts";
import type { CliContext } from "./cli-context.ts";
import type { Session } from "./configured.ts";
import { asDaemon } from "./daemon.ts";

/** Asks a provider again and again for the clusters in its zone, until the signal. */
export async function runGridSource(
  context: CliContext,
  session: Session,
  source: GridSource,
  intervalMs: number,
): Promise<void> {
  const { broker, codec, log } = session;
  const { signal } = context;
  const publisher = await createPublisher(broker, codec);
  let clusters: readonly string[] = [];
  let last = "has not asked yet";
  const poller = new GridPoller({
    source,
    clusters: () => clusters,
    publish: (record) => publisher.add("carm.grid-intensity", record, record.observedAt),
    intervalMs,
  });
  await asDaemon(context, session, { notReady: () => (last === "" ? [] : [last]) }, async () => {
    while (!signal.aborted) {
      const declared = await readTable("carm.clusters", { broker, codec });
      clusters = declared
        .filter((one) => one.zone === source.zone && one.signal === source.signal)
        .map((one) => one.cluster);
      const { published, againInMs, error } = await poller.poll(context.nowMs());
      await publisher.flush();
      const nobody = `no cluster in ${source.zone} is planned by the ${source.signal} signal: carm cluster declare`;
      last = error?.message ?? (clusters.length === 0 ? nobody : "");
      if (last === "") log.info({ clusters, published }, "published");
      else log.warn({ code: error?.code, againInSeconds: Math.round(againInMs / 1000) }, last);
      await sleep(againInMs, undefined, { signal }).catch(() => {});
    }
  });
  await publisher.close();
}
