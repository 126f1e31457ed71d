/**
 * `deno task bench`: measures the built executable against the limits that it promises, and prints a Markdown table.
 * Owns the command line and the output; each figure has a file of its own.
 */
import { parseArgs } from "node:util";
import { chooseBot } from "../lab/load/chosen_bot.ts";
import { batch } from "./batch.ts";
import { backends } from "./several/backends.ts";
import { catalog } from "./catalog.ts";
import { delivery } from "./delivery.ts";
import type { Figure, Row } from "./figure.ts";
import { fleet } from "./several/fleet.ts";
import { heic } from "./heic.ts";
import { idle } from "./idle.ts";
import { kills } from "./kills.ts";
import { memory } from "./memory.ts";
import { modelChanges } from "./several/model_changes.ts";
import { policy } from "./policy.ts";
import { queue } from "./queue.ts";
import { standby } from "./several/standby.ts";
import { start } from "./start.ts";
import { templates } from "./templates.ts";
import { workers } from "./several/workers.ts";

const figures: readonly Figure[] = [
  idle,
  delivery,
  batch,
  queue,
  start,
  templates,
  memory,
  heic,
  catalog,
  policy,
  workers,
  backends,
  modelChanges,
  fleet,
  kills,
  standby,
];

const help = `deno task bench [--only NAME] [--json] [--kills N] [--jobs N] [--seed N]

  --only NAME   one figure: ${
  figures.map(({ name }) => name).join(", ")
}; may be given several times
  --json        one JSON object instead of the table
  --kills N     how often the bot is killed (kills), default 100
  --jobs N      over how many jobs (kills, workers), default 200
  --seed N      what chance starts from; default: drawn, and printed

Measures dist/image-edit-bot, or the executable that IMAGE_EDIT_BOT names. Exit code 1 when a promise is broken: a
job is lost, more than one result a kill is sent twice, or the bot ends by itself.
`;

function tableOf(rows: readonly Row[]): string {
  const marks = { kept: "kept", missed: "**missed**", info: "" };
  return [
    "| figure | limit | here | verdict |",
    "| --- | --- | --- | --- |",
    ...rows.map(({ what, limit, ours, verdict }) =>
      `| ${what} | ${limit} | ${ours} | ${marks[verdict]} |`
    ),
  ].join("\n");
}

/** A whole number of at least `least`, or the end of the program. */
function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`Cannot take --${name} ${text}: no number (wanted a whole one, at least ${least})`);
  Deno.exit(2);
}

const { values: args } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
    kills: { type: "string", default: "100" },
    jobs: { type: "string", default: "200" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (args.help) {
  console.log(help);
  Deno.exit(0);
}
const unknown = args.only?.find((name) => figures.every((figure) => figure.name !== name));
if (unknown !== undefined) {
  console.error(`Cannot measure ${unknown}: there is no such figure\n\n${help}`);
  Deno.exit(2);
}
const options = {
  kills: wholeNumber("kills", args.kills, 1),
  jobs: wholeNumber("jobs", args.jobs, 1),
  seed: wholeNumber("seed", args.seed ?? String(Math.floor(Math.random() * 2 ** 32)), 0),
  tell: (line: string) => console.error(line),
};
const machine = {
  bot: await chooseBot(),
  cores: navigator.hardwareConcurrency,
  loadBefore: Deno.loadavg()[0] ?? NaN,
  deno: Deno.version.deno,
  date: new Date().toISOString().slice(0, 16) + "Z",
};
const rows: Row[] = [];
for (const figure of figures) {
  if (!args.only || args.only.includes(figure.name)) rows.push(...await figure.measure(options));
}
if (args.json) console.log(JSON.stringify({ machine, seed: options.seed, rows }, undefined, 2));
else {
  console.log(tableOf(rows));
  console.log(
    `\nMeasured ${machine.date} on ${machine.cores} cores (load before it: ${
      machine.loadBefore.toFixed(1)
    }) with Deno ${machine.deno}, ${machine.bot}. ` +
      "These are figures of this machine, where Telegram and ComfyUI are simulated on the same cores.",
  );
}
Deno.exit(rows.some(({ isPromise, verdict }) => isPromise && verdict === "missed") ? 1 : 0);
