import { describe, expect, it } from "vitest";
import { recordTopics, type TopicName, type TopicRecords, validateRecord } from "../../src/records/index.ts";
import { observedAt, samples } from "./samples.ts";

type Spoil<T extends TopicName> = (record: TopicRecords[T]) => void;

/** Spoils a true record and expects the refusal to say `message`. */
function refuses<T extends TopicName>(topic: T, what: string, spoil: Spoil<T>, message: string): void {
  it(`${topic}: ${what}`, () => {
    const record = structuredClone(samples[topic]);
    spoil(record);
    expect(() => validateRecord(topic, record)).toThrow(
      expect.objectContaining({ name: "CarmError", code: "ERR_RECORD_INVALID" }),
    );
    expect(() => validateRecord(topic, record)).toThrow(`${topic}: ${message}`);
  });
}

function allows<T extends TopicName>(topic: T, what: string, change: Spoil<T>): void {
  it(`${topic}: ${what}`, () => {
    const record = structuredClone(samples[topic]);
    change(record);
    expect(() => validateRecord(topic, record)).not.toThrow();
  });
}

const late = (record: TopicRecords["carm.job-events"], deadlineAt: number) => {
  record.job!.deadlineAt = deadlineAt;
};

describe("a true record is let through", () => {
  it.each(recordTopics())("of %s", (topic) => {
    expect(() => validateRecord(topic, samples[topic])).not.toThrow();
  });

  allows("carm.gpu-telemetry", "a lost GPU whose clock reads 0", (r) => {
    Object.assign(r.gpus[0]!, { healthy: false, smClockMhz: 0, lockedSmClockMhz: null, powerWatts: 0 });
  });
  allows("carm.grid-intensity", "a negative price", (r) => {
    r.pricePerKwh = -0.5;
  });
  allows("carm.grid-intensity", "a forecast that says when it was issued", (r) => {
    Object.assign(r, { kind: "forecast", issuedAt: observedAt });
  });
  allows("carm.job-events", "a job without deadline, size and earliest start", (r) => {
    Object.assign(r.job!, { deadlineAt: null, earliestStartAt: null, samples: null });
  });
});

describe("a record that can't be true is refused, with the field and the limit", () => {
  const invalid = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of invalid) {
    refuses(
      "carm.gpu-telemetry",
      `power of ${value}`,
      (r) => {
        r.gpus[0]!.powerWatts = value;
      },
      `gpus[0].powerWatts is ${value}; it must be a finite number`,
    );
    refuses(
      "carm.job-events",
      `samples of ${value}`,
      (r) => {
        r.job!.samples = value;
      },
      `job.samples is ${value}; it must be a finite number`,
    );
    refuses(
      "carm.forecasts",
      `a forecast of ${value}`,
      (r) => {
        r.values[2]![1] = value;
      },
      `values[2][1] is ${value}; it must be a finite number`,
    );
  }
  refuses(
    "carm.ticks",
    "a partition beyond 32 bits",
    (r) => {
      r.partition = 2 ** 31;
    },
    "partition is 2147483648; it must be a 32-bit integer",
  );

  for (const cluster of ["", "a/b", "a|b", "ü", "x".repeat(101)]) {
    refuses(
      "carm.request-rate",
      `a cluster called ${JSON.stringify(cluster)}`,
      (r) => {
        r.cluster = cluster;
      },
      "cluster is ",
    );
  }
  refuses(
    "carm.ticks",
    "a tick of one cluster",
    (r) => {
      r.cluster = "lab";
    },
    'cluster is "lab"; it must be empty',
  );
  refuses(
    "carm.actuations",
    "seconds for milliseconds",
    (r) => {
      r.observedAt /= 1000;
    },
    "observedAt is 1740830400; it must be from 946684800000 to 4102444800000",
  );

  refuses(
    "carm.gpu-telemetry",
    "negative power",
    (r) => {
      r.gpus[0]!.powerWatts = -5;
    },
    "gpus[0].powerWatts is -5; it must be from 0 to 5000",
  );
  refuses(
    "carm.gpu-telemetry",
    "utilisation in percent",
    (r) => {
      r.gpus[0]!.utilization = 87;
    },
    "gpus[0].utilization is 87; it must be from 0 to 1",
  );
  refuses(
    "carm.gpu-telemetry",
    "a share above 1",
    (r) => {
      r.gpus[0]!.tenants[0]!.share = 1.5;
    },
    "gpus[0].tenants[0].share is 1.5",
  );
  refuses(
    "carm.gpu-telemetry",
    "a healthy GPU at 0 MHz",
    (r) => {
      r.gpus[0]!.smClockMhz = 0;
    },
    "gpus[0].smClockMhz is 0; it must be above 0 on a healthy GPU",
  );
  refuses(
    "carm.gpu-telemetry",
    "a lock at 0 MHz",
    (r) => {
      r.gpus[0]!.lockedSmClockMhz = 0;
    },
    "gpus[0].lockedSmClockMhz is 0",
  );
  refuses(
    "carm.gpu-telemetry",
    "a negative energy counter",
    (r) => {
      r.gpus[0]!.energyMillijoules = -1;
    },
    "gpus[0].energyMillijoules is -1",
  );

  refuses(
    "carm.grid-intensity",
    "intensity of 10^9",
    (r) => {
      r.gco2PerKwh = 1e9;
    },
    "gco2PerKwh is 1000000000; it must be from 0 to 5000",
  );
  refuses(
    "carm.grid-intensity",
    "negative intensity",
    (r) => {
      r.gco2PerKwh = -1;
    },
    "gco2PerKwh is -1",
  );
  refuses(
    "carm.grid-intensity",
    "an interval without length",
    (r) => {
      r.durationMs = 0;
    },
    "durationMs is 0",
  );
  refuses(
    "carm.grid-intensity",
    "a forecast that does not say when it was issued",
    (r) => {
      r.kind = "forecast";
    },
    "issuedAt is null; it must be set for a forecast",
  );
  refuses(
    "carm.grid-intensity",
    "negative on-site supply",
    (r) => {
      r.onSiteWatts = -1;
    },
    "onSiteWatts is -1",
  );

  refuses(
    "carm.request-rate",
    "a negative count in the histogram",
    (r) => {
      r.latencyCounts[1] = -1;
    },
    "latencyCounts[1] is -1",
  );
  refuses(
    "carm.request-rate",
    "more requests over target than completed",
    (r) => {
      r.overTarget = r.completions + 1;
    },
    "overTarget is 1200; it must be at most completions",
  );

  refuses(
    "carm.job-events",
    "a deadline before the earliest start",
    (r) => {
      late(r, r.job!.earliestStartAt! - 1);
    },
    "job.deadlineAt is ",
  );
  refuses(
    "carm.job-events",
    "a deadline before the submission",
    (r) => {
      r.job!.earliestStartAt = null;
      late(r, observedAt - 1);
    },
    "job is ",
  );
  refuses(
    "carm.job-events",
    "more workers at least than asked for",
    (r) => {
      r.job!.minWorkers = 5;
    },
    "job.minWorkers is 5; it must be at most requestedWorkers",
  );
  refuses(
    "carm.job-events",
    "fewer workers at most than asked for",
    (r) => {
      r.job!.maxWorkers = 3;
    },
    "job.maxWorkers is 3; it must be at least requestedWorkers",
  );
  refuses(
    "carm.job-events",
    "no work",
    (r) => {
      r.job!.samples = 0;
    },
    "job.samples is 0",
  );
  refuses(
    "carm.job-events",
    "a submission without a job",
    (r) => {
      r.job = null;
    },
    "job is null; it must be set with submitted",
  );
  refuses(
    "carm.job-events",
    "a declaration without a service",
    (r) => {
      r.type = "service_declared";
    },
    "service is null; it must be set with service_declared",
  );
  refuses(
    "carm.job-events",
    "progress without figures",
    (r) => {
      r.type = "progress";
    },
    "progress is null",
  );
  for (const latencyQuantile of [0, 1]) {
    refuses(
      "carm.job-events",
      `latency quantile ${latencyQuantile}`,
      (r) => {
        const pool = { pool: "main", model: "llm", gpus: 4 };
        r.service = { ...pool, latencyQuantile, latencyTargetMs: 500 };
      },
      `service.latencyQuantile is ${latencyQuantile}; it must be more than 0 and less than 1`,
    );
  }

  refuses(
    "carm.actuations",
    "a job without an id",
    (r) => {
      r.target = { kind: "job", id: "" };
    },
    'target.id is ""; it must be empty for the lease only',
  );
  refuses(
    "carm.clusters",
    "a PUE below 1",
    (r) => {
      r.pue = 0.9;
    },
    "pue is 0.9",
  );
  refuses(
    "carm.clusters",
    "a time zone that is none",
    (r) => {
      r.timeZone = "Berlin";
    },
    'timeZone is "Berlin"; it must be an IANA time zone',
  );
  refuses(
    "carm.clusters",
    "no pool",
    (r) => {
      r.pools = [];
    },
    "pools has 0 items; it must have 1 to 1000",
  );
  refuses(
    "carm.clusters",
    "two pools of one name",
    (r) => {
      r.pools.push(r.pools[0]!);
    },
    "pools is ",
  );
  refuses(
    "carm.policies",
    "limits that leave no clock",
    (r) => {
      r.maxSmClockMhz = 500;
    },
    "minSmClockMhz is 600; it must be at most maxSmClockMhz",
  );
  refuses(
    "carm.policies",
    "a lease without length",
    (r) => {
      r.leaseMs = 0;
    },
    "leaseMs is 0",
  );
  refuses(
    "carm.profiles",
    "a curve whose clocks do not rise",
    (r) => {
      r.curve.reverse();
    },
    "curve is ",
  );
  refuses(
    "carm.profiles",
    "training that does not say how it scales",
    (r) => {
      r.scaling = [];
    },
    "scaling is []; it must have rising worker counts from 1",
  );
  refuses(
    "carm.profiles",
    "inference without batching",
    (r) => {
      r.purpose = "inference";
    },
    "batching is null; it must be set for inference",
  );
  refuses(
    "carm.decisions",
    "a clock of 0",
    (r) => {
      r.smClockMhz = 0;
    },
    "smClockMhz is 0",
  );
  refuses(
    "carm.ledger",
    "more requests over target than requests",
    (r) => {
      r.requestsOverTarget = 1001;
    },
    "requestsOverTarget is 1001; it must be at most requests",
  );
  refuses(
    "carm.forecasts",
    "levels that do not rise",
    (r) => {
      r.levels = [0.5, 0.05, 0.95];
    },
    "levels is [0.5,0.05,0.95]; it must rise",
  );
  refuses(
    "carm.forecasts",
    "levels without values",
    (r) => {
      r.values.pop();
    },
    "values is ",
  );
});
