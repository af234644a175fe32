import { defineConfig } from "vitest/config";

/** Tests against real slurmctld, slurmd and slurmrestd: `npm run test:slurm`. */
export default defineConfig({
  test: {
    include: ["test/machines/slurm/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "threads",
    fileParallelism: false,
  },
});
