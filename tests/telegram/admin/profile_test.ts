/**
 * The bot's profile in an emulated Telegram: set where nothing is, renewed where it was set here, and never in the owner's place.
 *
 * Drives besides: src/users/bot_profile.ts.
 */
import { Api } from "grammy";
import assert from "node:assert/strict";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { textIn } from "../../../src/i18n/text.ts";
import { createKvBotProfileStore } from "../../../src/kv/single_records.ts";
import { publishProfile } from "../../../src/telegram/admin/profile.ts";
import { withFolder, withKv } from "../../kv/kv_fixture.ts";

const en = textIn("en");
const ru = textIn("ru");
const inRussian = { language_code: "ru" } as const;
const inGroups = { scope: { type: "all_group_chats" } } as const;

function withProfile(
  use: (profile: {
    readonly api: Api;
    readonly publish: () => Promise<void>;
    readonly store: ReturnType<typeof createKvBotProfileStore>;
  }) => Promise<void>,
) {
  return withFolder((dir) =>
    withKv(dir, async (kv) => {
      await using telegram = await startTelegram({ limits: false });
      const api = new Api(telegram.token, { apiRoot: telegram.url });
      const store = createKvBotProfileStore(kv);
      const publish = () => publishProfile(api, store, { admins: () => Promise.resolve([]) });
      await use({ api, publish, store });
    })
  );
}

async function textsOf(api: Api) {
  return {
    en: [
      (await api.getMyDescription()).description,
      (await api.getMyShortDescription())
        .short_description,
    ],
    ru: [
      (await api.getMyDescription(inRussian)).description,
      (await api.getMyShortDescription(
        inRussian,
      )).short_description,
    ],
  };
}

const namesOf = (menu: readonly { command: string }[]) => menu.map(({ command }) => command);
const ownTexts = {
  en: [en.profile.description, en.profile.short],
  ru: [ru.profile.description, ru.profile.short],
};

Deno.test("publishProfile() sets what is empty in both languages, and a version's texts take the place of the last one's", () =>
  withProfile(async ({ api, publish, store }) => {
    await publish();
    assert.deepEqual(await textsOf(api), ownTexts);
    assert.deepEqual(namesOf(await api.getMyCommands()), Object.keys(en.commands));
    assert.equal((await api.getMyCommands(inRussian))[0]?.description, ru.commands.start);
    assert.deepEqual(namesOf(await api.getMyCommands(inGroups)), Object.keys(en.commands));
    // What another version had set, and noted.
    await api.setMyDescription("Edits pictures.");
    await api.setMyCommands([{ command: "paint", description: "Paints" }]);
    const { set } = (await store.load())!;
    await store.save({
      v: 1,
      set: { ...set, "description:en": "Edits pictures.", "commands:en": "/paint Paints" },
    });
    await publish();
    await publish();
    assert.deepEqual(await textsOf(api), ownTexts);
    assert.deepEqual(namesOf(await api.getMyCommands()), Object.keys(en.commands));
  }));

Deno.test("publishProfile() leaves what the owner has set before and after, in every language that shows it", () =>
  withProfile(async ({ api, publish }) => {
    await api.setMyDescription("The best bot of the club.");
    await api.setMyCommands([{ command: "menu", description: "Our menu" }]);
    await publish();
    const { en: [description, short], ru: [inRu, shortInRu] } = await textsOf(api);
    assert.deepEqual([description, inRu], Array(2).fill("The best bot of the club."));
    assert.deepEqual([short, shortInRu], [en.profile.short, ru.profile.short]);
    assert.deepEqual(namesOf(await api.getMyCommands()), ["menu"]);
    assert.deepEqual(await api.getMyCommands(inGroups), []);
    assert.deepEqual(await api.getMyCommands(inRussian), []);

    await api.setMyShortDescription("Клуб", inRussian);
    await api.setMyShortDescription("Club");
    await publish();
    assert.deepEqual((await textsOf(api)).en[1], "Club");
    assert.deepEqual((await textsOf(api)).ru[1], "Клуб");
  }));

Deno.test("publishProfile() renews the menus of a version that kept no record", () =>
  withProfile(async ({ api, publish }) => {
    const former = [
      { command: "start", description: "Start" },
      { command: "help", description: "Old help" },
    ];
    await api.setMyCommands(former);
    await api.setMyCommands(former, { ...inRussian });
    await publish();
    assert.deepEqual(namesOf(await api.getMyCommands()), Object.keys(en.commands));
    assert.equal((await api.getMyCommands(inRussian))[1]?.description, ru.commands.help);
  }));

Deno.test("the profile's texts are as long as Telegram takes", () => {
  for (const { profile } of [en, ru]) {
    assert.ok([...profile.description].length <= 512);
    assert.ok([...profile.short].length <= 120);
  }
});
