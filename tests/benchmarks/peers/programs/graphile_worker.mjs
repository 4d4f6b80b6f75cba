// Installs graphile-worker's schema, or works on its queue with PEER_SLOTS jobs at once.
import { createRequire } from "node:module";
import { openSync, writeFileSync, writeSync } from "node:fs";

const require = createRequire(`${process.env.PEER_FOLDER}/package.json`);
const { Logger, run, runMigrations } = require("graphile-worker");
const logger = new Logger(() => () => {});
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const times = [];
const starts = process.env.PEER_STARTS ? openSync(process.env.PEER_STARTS, "a") : null;

if (process.argv[2] === "install") {
  await runMigrations({ logger });
  process.exit(0);
}
process.on("SIGTERM", () => {
  writeFileSync(process.env.PEER_TIMES, JSON.stringify(times));
  process.exit(0);
});
await run({
  concurrency: Number(process.env.PEER_SLOTS),
  noHandleSignals: true,
  logger,
  taskList: {
    noop: async ({ n }) => {
      const began = now();
      times.push(began);
      if (starts !== null) writeSync(starts, `${n} ${began}\n`);
    },
  },
});
