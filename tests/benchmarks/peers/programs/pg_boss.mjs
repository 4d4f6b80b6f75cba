// Installs pg-boss's schema, or works on its queue with PEER_SLOTS loops of fetch and complete.
// Its own `work` waits between two fetches, so these loops are the faster way.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const require = createRequire(`${process.env.PEER_FOLDER}/package.json`);
const PgBoss = require("pg-boss");
const boss = new PgBoss({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  database: process.env.PGDATABASE,
  max: Number(process.env.PEER_SLOTS ?? 1) + 1,
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
const loop = async () => {
  for (;;) {
    const [job] = await boss.fetch("noop", { batchSize: 1 });
    if (job === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    times.push((performance.timeOrigin + performance.now()) / 1000);
    await boss.complete("noop", job.id);
  }
};
await Promise.all(Array.from({ length: Number(process.env.PEER_SLOTS) }, loop));
