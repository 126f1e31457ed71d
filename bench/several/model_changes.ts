/** Figure: how often two ComfyUIs change their model where users want two templates, and how long a job is left for that. */
import { openFleet, runsOf } from "../../lab/load/fleet.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { untilServed, wordsOf } from "../../lab/load/stand.ts";
import { untilMetrics } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "../figure.ts";

const names = ["qwen_image_edit", "qwen_image_edit_2509"];
const titles = ["Qwen Image Edit Rapid", "Qwen Image Edit 2509"];
const size = 2;
const people = 10;
const jobs = 200;
const runMs = 1_000;
const changeMs = 2_000;
const maxShare = 0.25;
const maxRuns = 2;

export const modelChanges: Figure = {
  name: "models",
  async measure({ seed, tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`models: ${jobs} jobs of ${people} people with two templates, seed ${seed}`);
    const random = seededRandom(seed);
    const photo = await gradientJpeg(320, 240);
    await using fleet = await openFleet({
      size,
      crowd: people,
      telegram: { limits: false },
      config: "metrics: { serve: true, port: 0 }\n",
      comfyui: { runMs, changeMs },
    });
    const { comfyuis, stage } = fleet;
    const metrics = await untilMetrics(stage);
    for (const [index, person] of fleet.people.entries()) {
      person.sendText("/settings");
      const menu = await stage.telegram.until(
        () => stage.telegram.messages(person.privateChat).find(({ reply_markup }) => reply_markup),
        { what: "the menu" },
      );
      const chosen = index % names.length;
      // What ComfyUI can run is known a moment after the start.
      await stage.telegram.until(async () => {
        await person.press(menu, { data: `s:${person.id.toString(36)}:use:${names[chosen]}` });
        return stage.telegram.message(menu.chat, menu.message_id)?.text?.includes(titles[chosen]!);
      }, { what: `the template is ${names[chosen]}` });
      person.deleteMessages(menu);
    }
    const holds = comfyuis.map(({ faults }) => faults.add({ kind: "stuck", times: 1 }));
    const wanted: string[] = [];
    for (let index = 0; index < jobs; index++) {
      const at = Math.floor(random() * people);
      wanted.push(names[at % names.length]!);
      await fleet.people[at]!.sendPhoto(photo, { caption: wordsOf(index) });
      // Pictures that come at once are fetched at once, and the queue has them in the order in which that ends.
      await until(`job ${index} waits`, async () => await liveJobs(metrics) > index);
    }
    for (const hold of holds) hold.remove();
    await untilServed(fleet, jobs, 300_000);
    const runs = runsOf(comfyuis);
    const changes = runs.filter(({ changesModel }) => changesModel).length;
    const blind = changesOfFifo(wanted);
    const share = changes / blind;
    // In the order in which they were given to a ComfyUI, by the bot's log; ids grow with the messages.
    const order = [...stage.bot.output().matchAll(/Job (\w+) is in /g)].map(([, id = ""]) =>
      parseInt(id, 36)
    );
    const passed = order.map((index, place) =>
      order.slice(0, place).filter((before) => before > index).length
    );
    const leftRuns = Math.max(...passed) / size;
    return [{
      what: `changes of model, ${people} people with two templates on ${size} ComfyUIs, ` +
        `a change takes ${changeMs / 1000} s: share of those of a blind FIFO`,
      limit: `≤ ${maxShare * 100} %`,
      ours: `${(share * 100).toFixed(0)} % (${changes} of ${blind})`,
      verdict: atMost(share, maxShare),
      values: { share, changes, blind },
    }, {
      what: "the longest that a job was left for a ComfyUI with its model, in runs",
      limit: `≤ ${maxRuns}`,
      ours: leftRuns.toFixed(1),
      verdict: atMost(leftRuns, maxRuns),
      values: { leftRuns },
    }];
  },
};

/** How many jobs have not ended. */
async function liveJobs(metrics: string): Promise<number> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  return text.matchAll(/^image_edit_bot_(?:queue_depth|jobs_underway\S*) (\d+)$/gm)
    .reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How often models change where each job goes to the one that is free first. */
function changesOfFifo(wanted: readonly string[]): number {
  const gpus = Array.from({ length: size }, () => ({ freeAt: 0, model: "" }));
  let changes = 0;
  for (const model of wanted) {
    const gpu = gpus.reduce((first, each) => each.freeAt < first.freeAt ? each : first);
    const isChange = gpu.model !== model;
    changes += Number(isChange && gpu.model !== "");
    gpu.freeAt += runMs + (isChange ? changeMs : 0);
    gpu.model = model;
  }
  return changes;
}
