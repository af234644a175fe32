/** Writes batches to a store until it kills itself: `node killed-store.fixture.ts FOLDER`. */
import { createRocksStores } from "../../src/stream/index.ts";

const store = await createRocksStores(process.argv[2]!).open("killed");
for (let batch = 0; batch < 20; batch++) {
  const entries = Array.from({ length: 100 }, (_, i) => ({
    key: Buffer.from(`${batch}-${i}`),
    value: Buffer.of(i),
  }));
  store.write(entries, Buffer.from(String(batch)));
}
process.kill(process.pid, "SIGKILL");
