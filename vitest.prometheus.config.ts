import { defineConfig } from "vitest/config";

/** Dashboards and rules on a real Prometheus that scrapes a running pipeline: `npm run test:prometheus`. */
export default defineConfig({
  test: {
    include: ["test/machines/prometheus/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 600_000,
    pool: "threads",
  },
});
