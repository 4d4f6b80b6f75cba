// Installs graphile-worker's schema, or works on its queue with PEER_SLOTS jobs at once. With
// PEER_BATCH_DELAY, in ms, it completes jobs in batches; with PEER_AHEAD it takes so many ahead.
import { createRequire } from "node:module";
import { openSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PEER_FOLDER}/package.json`);
const found = pathToFileURL(require.resolve("graphile-worker"));
const { Logger, run, runMigrations } = await import(found);
const logger = new Logger(() => () => {});
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const times = [];
const starts = process.env.PEER_STARTS ? openSync(process.env.PEER_STARTS, "a") : null;
const sleep = 1000 * Number(process.env.PEER_SLEEP ?? 0);
const delay = Number(process.env.PEER_BATCH_DELAY ?? -1);
const ahead = Number(process.env.PEER_AHEAD ?? -1);

if (process.argv[2] === "install") {
  await runMigrations({ logger });
  process.exit(0);
}
process.on("SIGTERM", () => {
  writeFileSync(process.env.PEER_TIMES, JSON.stringify(times));
  process.exit(0);
});
await run({
  preset: {
    worker: {
      concurrentJobs: Number(process.env.PEER_SLOTS),
      completeJobBatchDelay: delay,
      failJobBatchDelay: delay,
      localQueue: { size: ahead },
    },
  },
  noHandleSignals: true,
  logger,
  taskList: {
    noop: async ({ n }) => {
      const began = now();
      times.push([n, began]);
      if (starts !== null) writeSync(starts, `${n} ${began}\n`);
      if (sleep > 0) await setTimeout(sleep);
    },
  },
});
