/**
 * The first minute: /start shows an example, and its picture is one tap away from an edit.
 *
 * Drives besides: src/telegram/intake/example.ts, src/images/drawing/sample.ts.
 */
import assert from "node:assert/strict";
import { buttons, openStage, results, untilResults, untilSaid } from "../../lab/stage.ts";

Deno.test("/start shows before and after, and its picture is edited at a tap, twice, and after a restart", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben, telegram } = stage;
  ben.sendText("/start");
  const example = await untilSaid(stage, ben, "Send me a picture and say what to change.");
  assert.ok(example.photo && example.photo.at(-1)!.width > 1_000);
  assert.deepEqual(buttons(example), [["Try it with this picture"]]);
  const startsPhoto = ({ method, params }: { method: string; params: unknown }) =>
    method.toLowerCase() === "sendphoto" && JSON.stringify(params).includes("before-after.jpg");
  assert.equal(telegram.calls.filter(startsPhoto).length, 1);

  const tap = () => ben.press(example, "Try it with this picture");
  await Promise.all([tap(), tap()]);
  const question = await untilSaid(stage, ben, "What should I change?");
  assert.equal(
    telegram.messages(ben.privateChat).filter(({ text }) => text?.includes("What should I change?"))
      .length,
    1,
  );
  await stage.restart();
  const idea = buttons(question).flat()[0]!;
  await ben.press(question, idea);
  const [first] = await untilResults(stage, ben);
  assert.ok(first?.caption);
  // Its picture has no file_id: it comes from the program again.
  await ben.press(first!, "◐ Before / after");
  await untilSaid(stage, ben, "Before · after");
  await tap();
  ben.sendText("winter");
  await telegram.until(() => results(stage, ben).length === 3, { what: "the second edit of it" });
});

Deno.test("in a group a stranger edits the example's picture, and one member alone where the answer is theirs alone", async () => {
  for (const ephemeral of [false, true]) {
    await using stage = await openStage({ telegram: { limits: false, knows: { ephemeral } } });
    const { ben, anna, telegram } = stage;
    const group = telegram.group({ id: -1_001_234, title: "Club", members: [anna, ben] });
    const seen = () =>
      ephemeral ? telegram.ephemeral(group, anna.user.id) : telegram.messages(group);
    // Until its menu says so, no command is for one member alone.
    await telegram.until(
      () => telegram.commands(anna, group).some((each) => each.is_ephemeral) || !ephemeral,
      { what: "the menu of the group" },
    );
    anna.sendText(`/start@${telegram.bot.username}`, { chat: group });
    const shown = await telegram.until(
      () => seen().find(({ from, photo }) => from?.is_bot && photo),
      { what: "the example in the group" },
    );
    const [actor, words] = ephemeral ? [anna, "Что изменить?"] : [ben, "What should I change?"];
    await actor.press(shown, "Попробовать с этой картинкой");
    const asked = await telegram.until(
      () => seen().find(({ text }) => text?.includes(words)),
      { what: "the question in the group" },
    );
    const idea = buttons(asked).flat()[0]!;
    if (!ephemeral) {
      const stranger = await anna.press(asked, idea);
      assert.equal(stranger.text, "Эта кнопка для другого пользователя.");
    }
    await actor.press(asked, idea);
    await telegram.until(
      () =>
        telegram.messages(group).some(({ from, photo, caption }) =>
          from?.is_bot && photo && !caption?.includes("/help")
        ),
      { what: "the edit in the group" },
    );
  }
});

Deno.test("/start is words alone where photos are forbidden", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  for (const description of ["CHAT_SEND_PHOTOS_FORBIDDEN", "PHOTO_INVALID_DIMENSIONS"]) {
    const refusing = stage.telegram.faults.add({
      kind: "refuse",
      description,
      method: "sendPhoto",
    });
    stage.ben.sendText("/start");
    const said = await untilSaid(stage, stage.ben, "Send me a picture and say what to change.");
    assert.ok(said.text);
    assert.deepEqual(buttons(said), [["Try it with this picture"]]);
    refusing.remove();
    stage.ben.deleteMessages(said);
  }
});
