/**
 * `deno task chaos`: makes trouble of every kind for the built executable and prints what it promised, and what was seen, as
 * a table in Markdown. Owns the command line and the output; each row has a file of its own.
 */
import { parseArgs } from "node:util";
import { chooseBot } from "../bench/chosen_bot.ts";
import { type Finding, none, tableOf } from "./finding.ts";
import { rows } from "./rows.ts";

const help = `deno task chaos [--only ROW] [--seed N] [--short]

  --only ROW   one row: ${rows.map(({ name }) => name).join(", ")}; may be given several times
  --seed N     what chance starts from; default: drawn, and printed
  --short      less of everything, as for every change of the code

Drives dist/image-edit-bot, or the executable that IMAGE_EDIT_BOT names, between an emulated Telegram and a simulated
ComfyUI. Exit code 1 when a promise is broken.
`;

const { values: args } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string", multiple: true },
    seed: { type: "string" },
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
const seed = Number(args.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!Number.isSafeInteger(seed) || seed < 0) {
  console.error(`Cannot take --seed ${args.seed}: no number (wanted a whole one, at least 0)`);
  Deno.exit(2);
}
const bot = await chooseBot();
const loadBefore = Deno.loadavg()[0] ?? NaN;
const findings: Finding[] = [];
for (const row of rows) {
  if (args.only && !args.only.includes(row.name)) continue;
  console.error(`${row.name}: begins, seed ${seed}`);
  try {
    findings.push(
      ...await row.run({ seed, isShort: args.short, tell: (line) => console.error(line) }),
    );
  } catch (error) {
    // A row that cannot be run to its end has found something too; the others are still worth running.
    console.error(error);
    findings.push(none(`${row.name}: not run to its end`, 1, [String(error)]));
  }
}
console.log(tableOf(findings));
console.log(
  `\nSeed ${seed}${args.short ? ", short" : ""}, ${new Date().toISOString().slice(0, 16)}Z, ` +
    `${navigator.hardwareConcurrency} cores (load before it: ${loadBefore.toFixed(1)}), ` +
    `Deno ${Deno.version.deno}, ${bot}.`,
);
Deno.exit(findings.some(({ verdict }) => verdict === "fell") ? 1 : 0);
