import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { freePorts } from "../free-ports.ts";
import { ended } from "../process-end.ts";
import { until } from "../until.ts";

/** A Kubernetes of real parts, with nodes whose pods kwok pretends to run. */
export interface TestCluster {
  /** A client with the rights of the token, one of `tokens`. */
  config(token: string): KubeConfig;
  kubectl(...args: readonly string[]): string;
  /** Ends the API server; its data stays. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

/** Tokens and who they belong to; `admin` may do everything, the others what the manifests in deploy/ grant. */
export const tokens = {
  admin: "admin",
  scheduler: "system:serviceaccount:carm:carm-scheduler-agent",
  node: "system:serviceaccount:carm:carm-node-agent",
  nobody: "nobody",
} as const;

const here = new URL(".", import.meta.url).pathname;
const controllers = [
  "job-controller",
  "ttl-after-finished-controller",
  "namespace-controller",
  "garbage-collector-controller",
  "serviceaccount-controller",
];

/** Builds the parts if need be, starts them on free ports, and waits until Jobs can run. */
export async function startCluster(): Promise<TestCluster> {
  const bin = execFileSync(join(here, "build.sh"), { encoding: "utf8" }).trim();
  const folder = mkdtempSync(join(tmpdir(), "carm-kubernetes-"));
  const [etcd, peer, api, kwok] = await freePorts(4);
  const processes: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]): ChildProcess => {
    const log = openSync(join(folder, `${program.split("/").at(-1)}.log`), "a");
    const child = spawn(program, args, { stdio: ["ignore", log, log], cwd: folder });
    processes.push(child);
    return child;
  };

  writeFileSync(
    join(folder, "tokens.csv"),
    `${Object.entries(tokens)
      .map(([token, user], i) =>
        token === "admin" ? `${token},admin,${i},"system:masters"` : `${token},${user},${i}`,
      )
      .join("\n")}\n`,
  );
  execFileSync("openssl", ["genrsa", "-out", join(folder, "sa.key"), "2048"], { stdio: "ignore" });
  execFileSync("openssl", ["rsa", "-in", join(folder, "sa.key"), "-pubout", "-out", join(folder, "sa.pub")], {
    stdio: "ignore",
  });
  mkdirSync(join(folder, "certs"));

  start(
    "etcd",
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=http://127.0.0.1:${etcd}`,
    `--advertise-client-urls=http://127.0.0.1:${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    "--unsafe-no-fsync",
  );
  let apiServer: ChildProcess | null = null;
  const certificate = join(folder, "certs", "apiserver.crt");
  const kubeconfig = join(folder, "kubeconfig");
  const kubectl = (...args: readonly string[]) =>
    execFileSync(join(bin, "kubectl"), ["--kubeconfig", kubeconfig, ...args], {
      encoding: "utf8",
      stdio: "pipe",
    });
  const startApiServer = async () => {
    apiServer = start(
      join(bin, "kube-apiserver"),
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${api}`,
      `--cert-dir=${join(folder, "certs")}`,
      `--token-auth-file=${join(folder, "tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--service-cluster-ip-range=10.96.0.0/16",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${join(folder, "sa.pub")}`,
      `--service-account-signing-key-file=${join(folder, "sa.key")}`,
      "--allow-privileged=true",
      "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
      "--endpoint-reconciler-type=none",
    );
    await until(
      "the API server is ready",
      () => {
        writeFileSync(kubeconfig, kubeConfigText(api!, readFileSync(certificate), "admin"));
        return kubectl("get", "--raw", "/readyz") === "ok";
      },
      120_000,
    );
  };
  await startApiServer();
  start(
    join(bin, "kube-controller-manager"),
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
  );
  start(join(bin, "kube-scheduler"), `--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0");
  start(
    join(bin, "kwok"),
    `--kubeconfig=${kubeconfig}`,
    "--manage-all-nodes=false",
    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
    `--config=${join(here, "kwok.yaml")}`,
    `--server-address=127.0.0.1:${kwok}`,
  );
  for (const node of ["n1", "n2"]) kubectl("apply", "-f", writeNode(folder, node));
  await until("both nodes are ready", () => {
    const statuses = kubectl("get", "nodes", "--no-headers");
    return statuses.split("\n").filter((line) => / Ready /.test(line)).length === 2;
  });
  const config = (token: string) => {
    const kube = new KubeConfig();
    kube.loadFromString(kubeConfigText(api!, readFileSync(certificate), token));
    return kube;
  };
  const stopApiServer = async () => {
    await ended(apiServer!);
  };
  const stop = async () => {
    await Promise.all(processes.map(ended));
    rmSync(folder, { recursive: true, force: true });
  };
  return { config, kubectl, stopApiServer, startApiServer, stop };
}

function kubeConfigText(port: number, certificate: Buffer, token: string): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": certificate.toString("base64"),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

function writeNode(folder: string, name: string): string {
  const file = join(folder, `${name}.json`);
  const annotations = { "kwok.x-k8s.io/node": "fake" };
  const labels = { "kubernetes.io/hostname": name };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name, annotations, labels } }),
  );
  return file;
}
