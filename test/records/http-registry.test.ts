import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { httpRegistry } from "../../src/records/index.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A registry that gives these answers, [status, body], in turn; the last one again and again. */
async function registryThatSays(...answers: [number, unknown][]) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const [status, body] = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(request);
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/apis/ccompat/v7`, requests, server };
}

const unknownId = { error_code: 40403, message: "Schema not found" };

describe("a schema registry reached over HTTP", () => {
  it("is asked once for a schema, as a schema under an id never changes", async () => {
    const { url, requests, server } = await registryThatSays([200, { schema: '"string"' }]);
    const registry = httpRegistry({ url });
    expect(await Promise.all([registry.schema(7), registry.schema(7)])).toEqual(['"string"', '"string"']);
    server.close();
    expect(await registry.schema(7)).toBe('"string"');
    expect(requests.map((request) => request.url)).toEqual(["/apis/ccompat/v7/schemas/ids/7"]);
  });

  it("is asked once for an id that it does not know, however many records have it", async () => {
    const { url, requests } = await registryThatSays([404, unknownId]);
    const registry = httpRegistry({ url });
    for (let i = 0; i < 3; i++) {
      await expect(registry.schema(99)).rejects.toMatchObject({ code: "ERR_RECORD_SCHEMA_UNKNOWN" });
    }
    expect(requests.length).toBe(1);
  });

  it("is asked again after an outage", async () => {
    const { url } = await registryThatSays([503, {}], [503, {}], [503, {}], [200, { schema: '"string"' }]);
    const registry = httpRegistry({ url });
    await expect(registry.schema(7)).rejects.toMatchObject({ code: "ERR_REGISTRY_UNREACHABLE" });
    expect(await registry.schema(7)).toBe('"string"');
  });

  it("gets user and password, also those of its URL", async () => {
    const { url, requests } = await registryThatSays([200, { id: 1 }]);
    await httpRegistry({ url, username: "me", password: "secret" }).register("a", '"string"');
    await httpRegistry({ url: url.replace("//", "//me:secret@") }).register("a", '"string"');
    const expected = `Basic ${Buffer.from("me:secret").toString("base64")}`;
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected]);
  });

  it("that refuses a schema is quoted", async () => {
    const notThere: [number, unknown] = [404, { error_code: 40403, message: "Schema not found" }];
    const conflict: [number, unknown] = [409, { error_code: 409, message: "b has no default" }];
    const { url } = await registryThatSays(notThere, [200, {}], conflict, notThere);
    await expect(httpRegistry({ url }).register("a", '"string"')).rejects.toMatchObject({
      code: "ERR_SCHEMA_INCOMPATIBLE",
      message: expect.stringContaining("b has no default"),
    });
  });

  it("and is no registry is said to be none", async () => {
    const { url } = await registryThatSays([404, "<html>Not Found</html>"]);
    await expect(httpRegistry({ url }).latest("a")).rejects.toMatchObject({ code: "ERR_REGISTRY_REFUSED" });
  });

  it("lists what makes a schema incompatible, as Confluent's and as Apicurio's registry say it", async () => {
    const confluent = await registryThatSays([200, { is_compatible: false, messages: ["one", "two"] }]);
    expect(await httpRegistry(confluent).incompatibilities("a", "{}")).toEqual(["one", "two"]);
    const apicurio = await registryThatSays([200, { is_compatible: false, reason: "one" }]);
    expect(await httpRegistry(apicurio).incompatibilities("a", "{}")).toEqual(["one"]);
    const fine = await registryThatSays([200, { is_compatible: true }]);
    expect(await httpRegistry(fine).incompatibilities("a", "{}")).toEqual([]);
  });
});
