import { defineConfig } from "vitest/config";

/** Tests against a real API server, controller manager and scheduler: `npm run test:kubernetes`. */
export default defineConfig({
  test: {
    include: ["test/machines/kubernetes/**/*.test.ts"],
    testTimeout: 120_000,
    // The first run builds the parts.
    hookTimeout: 2_400_000,
    pool: "threads",
    fileParallelism: false,
  },
});
