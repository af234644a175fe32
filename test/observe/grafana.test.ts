import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { dashboardFiles } from "../../scripts/generate-dashboards.ts";

const root = new URL("../../", import.meta.url);

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly { readonly expr: string }[];
}

interface Variable {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly refresh?: number;
}

interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const dashboards = [...dashboardFiles()].map(
  ([file, text]) => [file, JSON.parse(text) as Dashboard] as const,
);

describe.each(dashboards)("%s", (file, dashboard) => {
  test("is committed as its source says", () => {
    const committed = readFileSync(new URL(`grafana/dashboards/${file}`, root), "utf8");
    expect(committed).toBe(dashboardFiles().get(file));
  });

  test("chooses data source, job and instance by variables that follow the time range, and can't be edited by accident", () => {
    const variables = dashboard.templating.list;
    expect(variables.find(({ name }) => name === "datasource")?.type).toBe("datasource");
    for (const [name, label] of [
      ["job", "Job"],
      ["instance", "Instance"],
    ]) {
      expect(variables.find((variable) => variable.name === name)).toMatchObject({ label, refresh: 2 });
    }
    expect(dashboard.editable).toBe(false);
  });

  test("has a title, a description, a unit and the chosen data source on every panel", () => {
    for (const { title, description, fieldConfig, datasource } of dashboard.panels) {
      expect([title, description, fieldConfig.defaults.unit].every(Boolean), title).toBe(true);
      expect(datasource.uid).toBe("$datasource");
    }
    const titles = dashboard.panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test("asks in every query for the chosen job and instance, and for rates of counters only", () => {
    for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
      for (const selector of expr.matchAll(/\{([^}]*)\}/g)) {
        expect(selector[1], expr).toContain('job=~"$job"');
        expect(selector[1], expr).toContain('instance=~"$instance"');
      }
      for (const rated of expr.matchAll(/(?:rate|increase)\((\w+)/g)) {
        expect(rated[1]).toMatch(/(_total|_bucket)$/);
      }
    }
  });
});

test("every alert has a severity, a summary and a runbook that exists and names it; no runbook is without an alert", () => {
  const text = readFileSync(new URL("grafana/prometheus/carm.rules.yaml", root), "utf8");
  const { groups } = parse(text) as {
    groups: {
      rules: { alert?: string; labels?: { severity?: string }; annotations?: Record<string, string> }[];
    }[];
  };
  const named = new Set<string>();
  for (const { alert, labels, annotations } of groups.flatMap(({ rules }) => rules)) {
    if (alert === undefined) continue;
    expect(labels?.severity, alert).toMatch(/^(critical|warning|info)$/);
    expect(annotations?.["summary"], alert).toBeTruthy();
    const page = annotations?.["runbook"] ?? "";
    named.add(page);
    expect(readFileSync(new URL(page, root), "utf8")).toContain(alert);
  }
  const pages = readdirSync(new URL("docs/runbooks/", root)).map((page) => `docs/runbooks/${page}`);
  expect([...named].sort()).toEqual(pages.sort());
});

test("every alert has a unit test", () => {
  const rules = readFileSync(new URL("grafana/prometheus/carm.rules.yaml", root), "utf8");
  const tests = readFileSync(new URL("grafana/prometheus/carm.rules.test.yaml", root), "utf8");
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map((match) => match[1] as string);
  expect(alerts.filter((alert) => !tests.includes(`alertname: ${alert}`))).toEqual([]);
});
