import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pom = fileURLToPath(new URL("pom.xml", import.meta.url));

export interface Downloads {
  /** Class path of Kafka. */
  readonly kafkaClassPath: string;
  /** The registry's runnable jar. */
  readonly registryJar: string;
}

/**
 * Kafka and the registry of pom.xml from Maven Central, fetched once into `$XDG_CACHE_HOME/carm`. Throws what to
 * install if `java` or `mvn` is missing.
 */
export async function downloads(log: (line: string) => void): Promise<Downloads> {
  const missing = await missingTools();
  if (missing.length > 0) {
    throw new Error(`${missing.join(" and ")} not found; install a JDK 17 or newer and Maven.`);
  }
  const hash = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex")
    .slice(0, 12);
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "carm");
  const folder = join(cache, `kafka-${hash}`);
  if (!existsSync(folder)) await fetchInto(folder, log);
  const runner = (await readdir(folder)).find((file) => file.endsWith("-runner.jar"));
  if (runner === undefined) throw new Error(`${folder} is not complete; remove it and try again.`);
  return { kafkaClassPath: join(folder, "kafka", "*"), registryJar: join(folder, runner) };
}

/** Those of the tools that this machine lacks. */
export async function missingTools(): Promise<string[]> {
  const found = await Promise.all(
    ["java", "mvn"].map((tool) =>
      run(tool, [tool === "java" ? "-version" : "--version"]).then(
        () => [],
        () => [tool],
      ),
    ),
  );
  return found.flat();
}

/** All or nothing: whoever comes first renames a complete folder into place. */
async function fetchInto(folder: string, log: (line: string) => void): Promise<void> {
  log("Fetching Apache Kafka and Apicurio Registry from Maven Central (180 MB, once)…");
  const partial = `${folder}.${randomUUID()}`;
  const jars = join(partial, "kafka");
  await mkdir(jars, { recursive: true });
  try {
    await run("mvn", ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${jars}`]);
    const archive = (await readdir(jars)).find((file) => file.endsWith(".tar.gz"));
    if (archive === undefined) throw new Error("Maven fetched no registry.");
    await run("tar", ["-xzf", join(jars, archive), "-C", partial]);
    await rm(join(jars, archive));
    await rename(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code}: ${output.slice(-2000)}`));
    });
  });
}
