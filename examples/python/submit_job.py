"""Tells CA-RM of a training job.

    pip install -r requirements.txt
    python submit_job.py bert-17 --cluster lab --pool training --model bert-large --workers 4 --deadline-hours 36

KAFKA_BROKERS and SCHEMA_REGISTRY_URL say where. What is left out gets the safe value: not pausable, not resizable,
exactly the workers asked for.
"""

import argparse
import os
import time

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPIC = "carm.job-events"


def arguments():
    parser = argparse.ArgumentParser(description="Tells CA-RM of a training job.")
    parser.add_argument("job")
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--pool", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--samples", type=float)
    parser.add_argument("--deadline-hours", type=float)
    parser.add_argument("--pausable", action="store_true")
    parser.add_argument(
        "--partitioner",
        default="murmur2_random",
        help="murmur2_random puts the record where its cluster is planned; with any other, librdkafka's own "
        "consistent_random included, the processor sends it on to there",
    )
    return parser.parse_args()


def submitted(args):
    """A job event. Times are epoch milliseconds; `sequence` must rise with each event of a job."""
    now_ms = int(time.time() * 1000)
    deadline_at = None if args.deadline_hours is None else now_ms + int(args.deadline_hours * 3_600_000)
    return {
        "cluster": args.cluster,
        "observedAt": now_ms,
        "subject": args.job,
        "sequence": now_ms,
        "type": "submitted",
        "job": {
            "system": "external",
            "ref": args.job,
            "pool": args.pool,
            "model": args.model,
            "samples": args.samples,
            "deadlineAt": deadline_at,
            "requestedWorkers": args.workers,
            "minWorkers": args.workers,
            "maxWorkers": args.workers,
            "pausable": args.pausable,
        },
    }


def main():
    args = arguments()
    registry = SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})
    # The schema that CA-RM has registered; fields with a default may be left out.
    schema = registry.get_latest_version(f"{TOPIC}-value").schema
    serialize = AvroSerializer(
        registry, schema, conf={"auto.register.schemas": False, "use.latest.version": True}
    )
    producer = Producer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            # The cluster's partition, as every other client of CA-RM computes it.
            "partitioner": args.partitioner,
            "enable.idempotence": True,
        }
    )
    failures = []
    producer.produce(
        TOPIC,
        key=args.cluster.encode(),
        value=serialize(submitted(args), SerializationContext(TOPIC, MessageField.VALUE)),
        on_delivery=lambda error, message: failures.append(error) if error else print(
            f"submitted {args.job} on partition {message.partition()}"
        ),
    )
    producer.flush()
    if failures:
        raise SystemExit(f"error: {failures[0]}")


if __name__ == "__main__":
    main()
