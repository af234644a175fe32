#!/usr/bin/env node
// Runs `carm` on Node 24 or newer whatever Node started this file, from dist/ in the published package and from
// src/ in a checkout (Node strips the types itself).
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const MIN_NODE_MAJOR = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major >= MIN_NODE_MAJOR) {
  const source = new URL("../src/cli/main.ts", import.meta.url);
  const entry = existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url);
  await import(entry.href);
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `carm needs Node.js ${MIN_NODE_MAJOR} or newer; this is ${process.versions.node}.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // What stops this process is meant for the one that does the work; it leaves in its own time.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

/** The Node that the dev dependency `node` brings, if it is installed. */
function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    return undefined;
  }
}
