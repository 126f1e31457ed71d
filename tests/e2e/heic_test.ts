/** A telephone's files: HEIC and AVIF become what ComfyUI reads, in a private chat and in a group, and over a restart. */
import assert from "node:assert/strict";
import { filesIn, holdRun, openStage, results, untilResults, untilSaid } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const fixture = (name: string) =>
  Deno.readFileSync(new URL(`../fixtures/pictures/${name}`, import.meta.url));

Deno.test("a HEIC or AVIF is edited, compared and edited again, in any chat and after a restart", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben, telegram } = stage;
  const held = holdRun(stage);
  ben.sendDocument(fixture("turned_6.heic"), { filename: "IMG_0001.HEIC", caption: "winter" });
  await telegram.until(() => stage.comfyui.ran.length === 1, { what: "the run of it" });
  const [stored = ""] = filesIn(stage, "input");
  assert.match(stored, /\.jpg$/);
  assert.deepEqual(
    [...Deno.readFileSync(`${stage.dir}/data/input/${stored}`).subarray(0, 3)],
    [0xff, 0xd8, 0xff],
  );
  held.remove();
  const [first] = await untilResults(stage, ben);
  await ben.press(first!, "◐ Before / after");
  await untilSaid(stage, ben, "Before · after");

  // The picture waits for its words in a draft while the bot is killed.
  await ben.sendDocument(fixture("alpha.avif"), { filename: "a.avif" });
  await untilSaid(stage, ben, "What should I change?");
  await until(
    "only its picture is kept",
    () => /^[^,]+\.png$/.test(filesIn(stage, "input").join()),
  );
  await stage.restart();
  await ben.sendText("autumn");
  await telegram.until(() => results(stage, ben).length === 3, { what: "the second result" });

  const group = telegram.group({ id: -1_001_234, title: "Club", members: [ben] });
  const request = await ben.sendDocument(fixture("grid.heic"), {
    chat: group,
    filename: "IMG_0002.HEIC",
    caption: `@${telegram.bot.username} spring`,
  });
  await telegram.until(
    () =>
      telegram.messages(group).some(({ from, photo, document, reply_to_message: reply }) =>
        from?.is_bot && (photo ?? document) && reply?.message_id === request.message_id
      ),
    { what: "the result in the group" },
  );

  const broken = fixture("corner.heic");
  broken.fill(0xff, new TextDecoder("latin1").decode(broken).indexOf("mdat") + 4);
  for (const bytes of [broken, fixture("corner.heic").slice(0, -50), fixture("lies.avif")]) {
    const before = stage.comfyui.ran.length;
    const sent = await ben.sendDocument(bytes, { filename: "IMG_0003.HEIC", caption: "summer" });
    await telegram.until(
      () =>
        telegram.messages(ben.privateChat).some(({ message_id, text }) =>
          message_id > sent.message_id && text?.includes("damaged or incomplete")
        ),
      { what: "a sentence about a broken file" },
    );
    assert.equal(stage.comfyui.ran.length, before);
  }
  await until("no picture is left", () => filesIn(stage, "input").length === 0);
});
