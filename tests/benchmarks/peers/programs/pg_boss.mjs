// Installs pg-boss's schema, or works on its queue with PEER_SLOTS loops of fetch and complete.
// Its own `work` waits between two fetches of one job, so these loops are the faster way. With
// PEER_AHEAD each loop fetches so many jobs, runs one after the other, and completes them together.
import { createRequire } from "node:module";
import { openSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PEER_FOLDER}/package.json`);
const { PgBoss } = await import(pathToFileURL(require.resolve("pg-boss")));
const slots = Number(process.env.PEER_SLOTS ?? 1);
const batchSize = Number(process.env.PEER_AHEAD ?? 1);
const sleep = 1000 * Number(process.env.PEER_SLEEP ?? 0);
const starts = process.env.PEER_STARTS ? openSync(process.env.PEER_STARTS, "a") : null;
const boss = new PgBoss({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  database: process.env.PGDATABASE,
  max: slots + 1,
  schedule: false,
  supervise: false,
});
const times = [];

await boss.start();
if (process.argv[2] === "install") {
  await boss.createQueue("noop");
  await boss.stop({ graceful: false });
  process.exit(0);
}
process.on("SIGTERM", () => {
  writeFileSync(process.env.PEER_TIMES, JSON.stringify(times));
  process.exit(0);
});
const handle = async ({ n }) => {
  const began = (performance.timeOrigin + performance.now()) / 1000;
  times.push([n, began]);
  if (starts !== null) writeSync(starts, `${n} ${began}\n`);
  if (sleep > 0) await setTimeout(sleep);
};
const loop = async () => {
  for (;;) {
    const jobs = await boss.fetch("noop", { batchSize });
    if (jobs.length === 0) {
      await setTimeout(20);
      continue;
    }
    for (const job of jobs) await handle(job.data);
    await boss.complete("noop", jobs.map((job) => job.id));
  }
};
await Promise.all(Array.from({ length: slots }, loop));
