"""Reads what CA-RM decides, or what became of jobs.

    pip install -r requirements.txt
    python read_decisions.py --cluster lab
    python read_decisions.py --cluster lab --topic carm.jobs --from-beginning

KAFKA_BROKERS and SCHEMA_REGISTRY_URL say where. Ctrl-C ends it.
"""

import argparse
import json
import os
import time
import uuid
from datetime import datetime

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def arguments():
    parser = argparse.ArgumentParser(description="Reads what CA-RM decides, or what became of jobs.")
    parser.add_argument("--cluster", help="one cluster alone")
    parser.add_argument("--topic", default="carm.decisions", choices=["carm.decisions", "carm.decisions.shadow", "carm.jobs"])
    parser.add_argument("--from-beginning", action="store_true", help="start with what the topic still holds")
    parser.add_argument("--count", type=int, help="end after so many records")
    parser.add_argument("--seconds", type=float, help="end after so long")
    return parser.parse_args()


def readable(value):
    """Avro's timestamps come as datetimes."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON")


def main():
    args = arguments()
    registry = SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})
    deserialize = AvroDeserializer(registry)
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            # A group of its own: everybody who reads this topic gets all of it.
            "group.id": f"read-decisions-{uuid.uuid4()}",
            "auto.offset.reset": "earliest" if args.from_beginning else "latest",
            "enable.auto.commit": False,
            # What an aborted transaction wrote was never decided.
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([args.topic])
    ends_at = time.monotonic() + args.seconds if args.seconds else None
    seen = 0
    try:
        while (ends_at is None or time.monotonic() < ends_at) and seen != args.count:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise SystemExit(f"error: {message.error()}")
            if message.value() is None:
                continue  # A tombstone: nothing is decided about this target any more.
            record = deserialize(message.value(), SerializationContext(args.topic, MessageField.VALUE))
            if args.cluster in (None, record["cluster"]):
                print(json.dumps(record, default=readable), flush=True)
                seen += 1
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
