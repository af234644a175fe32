import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { createMemoryStores } from "../../src/stream/memory-store.ts";
import { createRocksStores } from "../../src/stream/rocks-store.ts";

const folder = mkdtempSync(join(tmpdir(), "carm-stores-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (...values: number[]) => Uint8Array.from(values);
const header = bytes(1, 2, 3);

describe.each([
  ["memory", createMemoryStores()],
  ["RocksDB", createRocksStores(folder)],
])("a store in %s", (_, stores) => {
  test("reads back what one write put and deleted, entry by entry and by prefix", async () => {
    const store = await stores.open("a/0");
    expect(store.header()).toBeUndefined();
    expect(store.get(bytes(1))).toBeUndefined();
    const entries = [
      { key: bytes(1, 2), value: bytes(12) },
      { key: bytes(1, 255), value: bytes(0) },
      { key: bytes(1), value: bytes() },
      { key: bytes(2), value: bytes(2) },
      { key: bytes(1, 1), value: bytes(11) },
      { key: bytes(2), value: null },
    ];
    store.write(entries, header);
    expect(plain(store.range(bytes(1)))).toEqual([
      [[1], []],
      [[1, 1], [11]],
      [[1, 2], [12]],
      [[1, 255], [0]],
    ]);
    expect(store.range(bytes(1, 255)).length).toBe(1);
    expect(store.get(bytes(2))).toBeUndefined();
    expect([...store.get(bytes(1, 2))!]).toEqual([12]);
    expect([...store.header()!]).toEqual([1, 2, 3]);
    await store.close();
  });

  test("keeps entries and header over close and open, until destroyed", async () => {
    const first = await stores.open("b/1");
    first.write([{ key: bytes(5), value: bytes(6) }], header);
    await first.close();
    const second = await stores.open("b/1");
    expect([...second.get(bytes(5))!]).toEqual([6]);
    expect([...second.header()!]).toEqual([1, 2, 3]);
    await second.close();
    await stores.destroy("b/1");
    const third = await stores.open("b/1");
    expect(third.get(bytes(5))).toBeUndefined();
    expect(third.header()).toBeUndefined();
    await third.close();
  });

  test("reads long ranges in order", async () => {
    const store = await stores.open("c/0");
    const keys = Array.from({ length: 2_500 }, (_, i) => bytes(9, i >> 8, i & 255));
    store.write(
      keys.toReversed().map((key) => ({ key, value: key })),
      header,
    );
    expect(store.range(bytes(9)).map(({ key }) => [...key])).toEqual(keys.map((key) => [...key]));
    await store.close();
  });
});

describe("a RocksDB folder", () => {
  test("holds all that was written when its process was killed", async () => {
    const fixture = fileURLToPath(new URL("killed-store.fixture.ts", import.meta.url));
    expect(spawnSync(process.execPath, [fixture, folder]).signal).toBe("SIGKILL");
    const store = await createRocksStores(folder).open("killed");
    expect(Buffer.from(store.header()!).toString()).toBe("19");
    expect(store.range(Uint8Array.of("1".charCodeAt(0))).length).toBe(1_100);
    await store.close();
  });

  test("that is damaged is told from one that someone else has open", async () => {
    const stores = createRocksStores(folder);
    const store = await stores.open("damaged");
    await expect(stores.open("damaged")).rejects.toMatchObject({ code: "ERR_STATE_UNAVAILABLE" });
    await store.close();
    writeFileSync(join(folder, "damaged", "CURRENT"), "no manifest\n");
    await expect(stores.open("damaged")).rejects.toMatchObject({ code: "ERR_STATE_CORRUPT" });
  });
});

function plain(entries: readonly { key: Uint8Array; value: Uint8Array }[]) {
  return entries.map(({ key, value }) => [[...key], [...value]]);
}
