import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These start brokers; they have configs of their own.
    exclude: [...configDefaults.exclude, "test/integration/**", "test/chaos/**", "test/machines/**"],
    testTimeout: 60_000,
    pool: "threads",
  },
});
