import { defineConfig } from "vitest/config";

/** Tests that need a real broker and registry: `npm run test:kafka`. */
export default defineConfig({
  test: {
    include: ["test/integration/**/*.test.ts"],
    globalSetup: "test/integration/setup.ts",
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "threads",
    // They share one broker and one registry, and one of them removes topics and schemas.
    fileParallelism: false,
  },
});
