/**
 * `deno task chaos`: makes trouble of every kind for the built executable and prints what it promised, and what was seen, as
 * a table in Markdown. Owns the command line and the output; each row has a file of its own.
 */
import { parseArgs } from "node:util";
import { chooseBot } from "../lab/load/chosen_bot.ts";
import { type Finding, none, type SeededFindings, tableOf, worstOf } from "./finding.ts";
import { rows } from "./rows.ts";
import { drawSeed, seedsFrom } from "./seeds.ts";

const help = `deno task chaos [--only ROW] [--seed N | --seeds LIST] [--short]

  --only ROW   one row: ${rows.map(({ name }) => name).join(", ")}; may be given several times
  --seed N     what chance starts from; default: drawn, and printed
  --seeds LIST each row with every one of them, and the worst is shown: 1..10, or 3,7,11
  --short      less of everything, as for every change of the code

Drives dist/image-edit-bot, or the executable that IMAGE_EDIT_BOT names, between an emulated Telegram and a simulated
ComfyUI. Exit code 1 when a promise is broken.
`;

const { values: args } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string", multiple: true },
    seed: { type: "string" },
    seeds: { type: "string" },
    short: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help) {
  console.log(help);
  Deno.exit(0);
}
const unknown = args.only?.find((name) => rows.every((row) => row.name !== name));
if (unknown !== undefined) {
  console.error(`Cannot run ${unknown}: there is no such row\n\n${help}`);
  Deno.exit(2);
}
const seeds = seedsFrom(args, drawSeed);
if (!seeds) {
  console.error(
    `Cannot take the seeds ${args.seeds ?? args.seed}: no such list (wanted 7, 1..10 or 3,7,11)`,
  );
  Deno.exit(2);
}
const bot = await chooseBot();
const loadBefore = Deno.loadavg()[0] ?? NaN;
const findings: Finding[] = [];
for (const row of rows) {
  if (args.only && !args.only.includes(row.name)) continue;
  const runs: SeededFindings[] = [];
  for (const seed of seeds) {
    console.error(`${row.name}: begins, seed ${seed}`);
    try {
      const run = { seed, isShort: args.short, tell: (line: string) => console.error(line) };
      runs.push({ seed, findings: await row.run(run) });
    } catch (error) {
      // A row that cannot be run to its end has found something too; the others are still worth running.
      console.error(error);
      const broken = none(`${row.name}: not run to its end`, 1, [String(error)]);
      runs.push({ seed, findings: [broken] });
    }
  }
  findings.push(...worstOf(runs));
}
console.log(tableOf(findings));
console.log(
  `\n${seeds.length === 1 ? "Seed" : "Seeds"} ${seeds.join(", ")}${args.short ? ", short" : ""}, ${
    new Date().toISOString().slice(0, 16)
  }Z, ` +
    `${navigator.hardwareConcurrency} cores (load before it: ${loadBefore.toFixed(1)}), ` +
    `Deno ${Deno.version.deno}, ${bot}.`,
);
Deno.exit(findings.some(({ verdict }) => verdict === "fell") ? 1 : 0);
