/**
 * Values that a user types for a menu: asked for, checked, taken, withdrawn.
 *
 * Drives besides: src/telegram/settings/ask_value.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { buttons, openStage, said, untilResults, untilSaid } from "../../lab/stage.ts";
import { openMenu, pressUntil, set, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);

Deno.test("a typed value is checked, taken, and leaves nothing but the menu", async () => {
  await using stage = await openStage();
  const { anna } = stage;
  const menu = await openMenu(stage, anna);
  await pressUntil(stage, anna, menu, "Шаги: 8", "✎ Ввести значение");
  await anna.press(menu, "✎ Ввести значение");
  await untilSaid(stage, anna, "Пришлите значение для «Шаги» (от 1 до 50).");
  anna.sendText("сто");
  await untilSaid(stage, anna, "Шаги: «сто» — не число");
  anna.sendText("99");
  await untilSaid(stage, anna, "Шаги: должно быть не больше 50");
  anna.sendText("12");
  await untilButton(stage, menu, "Шаги: 12");
  await stage.telegram.until(() => said(stage, anna).length === 1, { what: "the menu alone" });
  assert.deepEqual(said(stage, anna).map(({ message_id }) => message_id), [menu.message_id]);

  const data = `s:${anna.id.toString(36)}:ask:negative_prompt`;
  await set(anna, menu, "negative_prompt", "шум");
  await anna.press(menu, { data });
  await untilSaid(stage, anna, "Пришлите значение для «Негативный промпт»");
  anna.sendText("-");
  await untilButton(stage, menu, "✏️ Негативный промпт: ничего");
});

Deno.test("a picture that waits for its words still waits when a value was typed in between", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  await ben.sendPhoto(photo);
  await untilSaid(stage, ben, "What should I change?");
  const menu = await openMenu(stage, ben);
  await ben.press(menu, { data: `s:${ben.id.toString(36)}:ask:steps` });
  const ask = await untilSaid(stage, ben, "Send a value for “Steps”");
  ben.deleteMessages(menu);
  // The question stands in the chat before its number is written down: another press comes after that.
  await ben.press(ask, { data: "zzz" });
  await stage.restart();
  ben.sendText("3", { replyTo: ask });
  const again = await untilSaid(stage, ben, "Settings for your next");
  assert.notEqual(again.message_id, menu.message_id);
  assert.ok(buttons(again).flat().includes("Steps: 3"));
  ben.sendText("make it winter");
  const [result] = await untilResults(stage, ben);
  assert.match(result?.caption ?? "", /^make it winter\n\nseed \d+ · 3 steps/);
});

Deno.test("going on in the menu withdraws the question, and /cancel does", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  const ask = { data: `s:${ben.id.toString(36)}:ask:cfg` };
  await ben.press(menu, ask);
  await untilSaid(stage, ben, "Send a value for “CFG”");
  await ben.press(menu, "Steps: 8");
  await untilButton(stage, menu, "‹ Back");
  ben.sendText("9");
  await untilSaid(stage, ben, "Send me a picture first");
  await ben.press(menu, ask);
  await untilSaid(stage, ben, "Send a value for “CFG”");
  ben.sendText("/cancel");
  await untilSaid(stage, ben, "Draft discarded.");
  ben.sendText("9");
  await stage.telegram.until(
    () => said(stage, ben).filter(({ text }) => text?.includes("picture first")).length === 2,
    { what: "the text is no value" },
  );
});

Deno.test("words that reply to a picture edit it, though a menu waits for a value", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  await ben.sendPhoto(photo, { caption: "pink sky steps=2" });
  const [result] = await untilResults(stage, ben);
  const menu = await openMenu(stage, ben);
  await ben.press(menu, { data: `s:${ben.id.toString(36)}:ask:steps` });
  await untilSaid(stage, ben, "Send a value for “Steps”");
  ben.sendText("make it winter steps=2", { replyTo: result! });
  const [, second] = await untilResults(stage, ben, 2);
  assert.match(second?.caption ?? "", /^make it winter/);
});

Deno.test("in a group the question is for its user, and the answer changes the menu that only they see", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben } = stage;
  const group = stage.telegram.group({
    id: -1_001_234,
    title: "Club",
    members: [stage.anna, ben],
    botIsAdmin: true,
  });
  await stage.telegram.until(
    () => stage.telegram.commands(ben, group).some((command) => command.is_ephemeral),
    { what: "the group's commands" },
  );
  ben.sendText("/settings", { chat: group });
  const own = (label: string) =>
    stage.telegram.until(
      () =>
        stage.telegram.ephemeral(group, ben).find((message) =>
          buttons(message).flat().includes(label)
        ),
      { what: `a menu with ${label}` },
    );
  const menu = await own("Steps: 8");
  await ben.press(menu, "Steps: 8");
  await own("✎ Type a value");
  await ben.press(menu, "✎ Type a value");
  const ask = await stage.telegram.until(
    () => stage.telegram.messages(group).find(({ from }) => from?.is_bot),
    { what: "the question" },
  );
  assert.equal(ask.text, "Ben: Send a value for “Steps” (1 to 50).");
  assert.deepEqual(ask.entities?.map(({ type, length }) => [type, length]), [["text_mention", 3]]);
  stage.anna.sendText("40", { chat: group, replyTo: ask });
  ben.sendText("12", { chat: group, replyTo: ask });
  await own("Steps: 12");
  await stage.telegram.until(
    () => !stage.telegram.message(group, ask.message_id),
    { what: "the question is gone" },
  );
});
