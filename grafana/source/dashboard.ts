import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";

/** A dashboard with the variables that all of ours have: data source, job, instance and, if asked for, cluster. */
export function carmDashboard(uid: string, title: string, description: string, byCluster = true) {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(["carm"])
    .timezone("browser")
    .time({ from: "now-24h", to: "now" })
    .refresh("30s")
    .readonly()
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(variable("job", "Job", "label_values(process_start_time_seconds, job)"))
    .withVariable(
      variable("instance", "Instance", 'label_values(process_start_time_seconds{job=~"$job"}, instance)'),
    );
  if (byCluster) {
    dashboard.withVariable(
      variable(
        "cluster",
        "Cluster",
        'label_values(carm_policy_info{job=~"$job", instance=~"$instance"}, cluster)',
      ),
    );
  }
  return dashboard;
}

function variable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource({ type: "prometheus", uid: "$datasource" })
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue(".+");
}
