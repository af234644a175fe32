import { expect, test } from "vitest";
import { demoResult, terminalTable } from "../../src/report/index.ts";
import { sampleInput, sampleRun } from "./sample-run.ts";

const result = demoResult({
  runs: [
    sampleRun("ca-rm", { kgCo2: 1234 }),
    sampleRun("max", { kgCo2: 2000 }),
    sampleRun("min", { kgCo2: 1000, deadlineMisses: 3 }),
    sampleRun("power-cap", { kgCo2: 1500 }),
    sampleRun("energy-cost", { kgCo2: 1900 }),
  ],
  input: sampleInput,
  provenance: [],
  attribution: ["Data © Electricity Maps (www.electricitymaps.com), ODbL 1.0"],
});
const plain = terminalTable(result, { colour: false });
const lines = plain.split("\n");
const rowOf = (label: string) =>
  lines
    .find((line) => line.trim().startsWith(label))!
    .trim()
    .slice(label.length)
    .trim()
    .split(/ {2,}/);

test("there is a column a policy and a saving against each competitor", () => {
  expect(rowOf("kg CO2")).toEqual(["1 234", "2 000", "1 000", "1 500", "1 900"]);
  expect(rowOf("CA-RM saves against it")).toEqual(["38.3 %", "-23.4 %", "17.7 %", "35.1 %"]);
});

test("a policy that broke a promise is marked without colour, and the promise is named", () => {
  expect(lines.find((line) => line.includes("EnergyCost"))).toMatch(
    /CA-RM +MAX +MIN ! +PowerCap +EnergyCost/,
  );
  expect(rowOf("Keeps its promises")).toEqual(["yes", "yes", "NO", "yes", "yes"]);
  expect(plain).toContain("MIN breaks its promises: 3 deadlines missed.");
});

test("the two savings are said in words", () => {
  expect(plain).toContain("CA-RM emits 22.9 % less CO2 than the mean of MAX, MIN, PowerCap and EnergyCost.");
  expect(plain).toContain(
    "CA-RM emits 17.7 % less CO2 than PowerCap, the best of them that keeps its promises.",
  );
});

test("more carbon than a competitor is not called a saving", () => {
  const worse = demoResult({
    ...result,
    runs: result.policies.map((run) => (run.policy === "ca-rm" ? { ...run, kgCo2: 1650 } : run)),
  });
  expect(terminalTable(worse, { colour: false })).toContain("10.0 % MORE CO2 than PowerCap");
});

test("a pipe gets neither colours nor borders, a terminal gets both", () => {
  const colourCode = "\u001b[";
  expect(plain).not.toContain(colourCode);
  expect(plain).not.toMatch(/[│┌]/);
  expect(terminalTable(result, { colour: true })).toContain(colourCode);
});

test("the table fits 120 columns", () => {
  const coloured = terminalTable(result, { colour: true });
  const withoutColours = coloured
    .split("\u001b")
    .map((part, i) => (i === 0 ? part : part.replace(/^\[\d+m/, "")));
  for (const line of [...lines, ...withoutColours.join("").split("\n")]) {
    expect(line.length, line).toBeLessThanOrEqual(120);
  }
});

test("the attribution is printed, and a typical day is called one", () => {
  expect(plain).toContain("Data © Electricity Maps (www.electricitymaps.com), ODbL 1.0");
  expect(plain).not.toContain("typical");
  const typical = demoResult({
    ...result,
    runs: result.policies,
    input: { ...sampleInput, traces: "typical" },
  });
  expect(terminalTable(typical, { colour: false })).toContain("typical days, not a recording");
});

test("savings that lack their runs are dashes, and no sentence claims them", () => {
  const alone = demoResult({ ...result, runs: [sampleRun("max", { kgCo2: 5 })] });
  const text = terminalTable(alone, { colour: false });
  expect(text).toMatch(/CA-RM saves against it +–/);
  expect(text).not.toContain("CA-RM emits");
});
