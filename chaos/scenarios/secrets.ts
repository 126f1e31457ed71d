/**
 * Row 7: the token, and links with it, are planted wherever the world outside can put them, while everything fails and dies.
 * They are in nothing that the bot writes, shows or says.
 */
import { cp } from "node:fs/promises";
import { phonePhoto } from "../../lab/load/photos.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { everything, placesOf, token } from "../../lab/secrets.ts";
import { openStage, type Stage, untilMetrics, untilSaid } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { type ChaosOptions, type ChaosRow, type Finding, none, promised } from "../finding.ts";
import { makeTrouble } from "../trouble.ts";

const requests = { long: 40, short: 6 };
const config = "logging: { level: DEBUG, format: json }\nmetrics: { serve: true, port: 0 }\n" +
  "comfyui: { poll_seconds: 0.5, retry_seconds: [0.1] }\n";

export const secrets: ChaosRow = {
  name: "secrets",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const count = requests[isShort ? "short" : "long"];
    await using stage = await openStage({
      config,
      telegram: { token, limits: false, random: seededRandom(seed) },
    });
    tell(`secrets: ${count} jobs, everything fails`);
    const address = await untilMetrics(stage);
    const link = `${stage.telegram.url}/file/bot${token}/photos/file_1.jpg`;
    plant(stage, link);
    using trouble = makeTrouble(stage.telegram, { hangs: 0 });
    const photo = await phonePhoto();
    for (let index = 0; index < count; index++) {
      await stage.ben.sendPhoto(photo, { caption: `picture ${index} steps=1` });
    }
    await until("failed jobs", () => /failed: /.test(stage.bot.output()));
    const texts = await everything(stage, address);
    trouble[Symbol.dispose]();
    stage.telegram.faults.clear();
    stage.bot.kill("SIGKILL");
    await stage.bot.status;
    for (const [what, output] of await lastWords(stage)) texts.set(what, output);

    // The record of a failed job keeps what ComfyUI said, to the letter, in the owner's own folder.
    const places = placesOf(texts).filter((place) => !place.startsWith("data/"));
    const redacted = [...texts.values()].join().split("[redacted]").length - 1;
    return [
      none(
        `${texts.size} logs, outputs, metrics, files, chats and graphs: those with a planted token`,
        places.length,
        places,
      ),
      promised(redacted > 0, "· places where it was taken out", {
        limit: "≥ 1",
        measured: String(redacted),
      }),
    ];
  },
};

/** Telegram and ComfyUI say the token, and links with it, in what they answer. */
function plant({ telegram, comfyui }: Stage, link: string): void {
  const description = `Bad Request: wrong url ${link}`;
  telegram.faults.add({ method: "setMyCommands", kind: "refuse", description });
  telegram.faults.add({ method: "sendPhoto", kind: "refuse", description, probability: 0.2 });
  telegram.faults.add({ method: "file", kind: "cut-before", probability: 0.3 });
  telegram.faults.add({ method: "getUpdates", kind: "refuse", code: 400, description, times: 1 });
  comfyui.faults.add({
    kind: "error",
    exceptionType: "RuntimeError",
    exceptionMessage: `cannot reach ${link}`,
    times: 2,
  });
}

/** What it says when it cannot start or has to end: with a state that is none, with a token that is refused, at SIGTERM. */
async function lastWords(stage: Stage): Promise<ReadonlyMap<string, string>> {
  const words = new Map<string, string>();
  const data = `${stage.dir}/data`;
  const kept = `${stage.dir}/kept`;
  // Commits that the kill has left in -wal belong to the state.
  await cp(data, kept, { recursive: true });
  await Deno.writeTextFile(
    `${data}/state.kv`,
    `this is no database, but it has ${token} in it`,
  );
  const confused = stage.start();
  words.set("its output with a damaged state", await outputOf(confused));
  await Deno.remove(data, { recursive: true });
  await Deno.rename(kept, data);
  stage.telegram.faults.add({
    kind: "refuse",
    code: 401,
    description: `Unauthorized: ${token}`,
    method: /./,
  });
  const refused = stage.start();
  words.set("its output with a token that is refused", await outputOf(refused));
  stage.telegram.faults.clear();
  const last = stage.start();
  stage.ben.sendText("/help");
  await untilSaid(stage, stage.ben, "/settings");
  last.kill("SIGTERM");
  words.set("its output at SIGTERM", await outputOf(last));
  words.set("the log after all", await Deno.readTextFile(`${stage.dir}/logs/bot.log`));
  return words;
}

/** Everything that a life said, when it has ended: a bot that is confused ends by itself, or goes on and is ended. */
async function outputOf(life: Stage["bot"]): Promise<string> {
  const late = setTimeout(() => life.kill("SIGKILL"), 10_000);
  await life.status;
  clearTimeout(late);
  return life.output();
}
