/** A sentence for every admin, in an emulated Telegram. */
import { Api } from "grammy";
import assert from "node:assert/strict";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { defaultConfig } from "../../../src/config/config.ts";
import { createKvAccessStore } from "../../../src/kv/access.ts";
import { createKvSettings } from "../../../src/kv/settings.ts";
import { createTellAdmins } from "../../../src/telegram/admin/alerts.ts";
import { createAccess } from "../../../src/users/access.ts";
import { withFolder, withKv } from "../../kv/kv_fixture.ts";

Deno.test("createTellAdmins() tells all whom it reaches, each in their language, however long it is", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      await using telegram = await startTelegram({ limits: false });
      const admins = [
        telegram.person({ id: 1, first_name: "Anna", started: true }),
        telegram.person({ id: 2, first_name: "Gone" }),
        telegram.person({ id: 3, first_name: "Ben", started: true }),
      ];
      const defaults = defaultConfig("/srv");
      const adminIds = admins.map(({ id }) => id);
      const config = { ...defaults, telegram: { ...defaults.telegram, adminIds } };
      const settings = createKvSettings(kv);
      await settings.changeUser(1, (person) => ({ ...person, language: "ru" }));
      const tellAdmins = createTellAdmins({
        api: new Api(telegram.token, { apiRoot: telegram.url }),
        access: createAccess(createKvAccessStore(kv), {
          rules: () => ({ adminIds: config.telegram.adminIds, ...config.access }),
          now: () => 5,
        }),
        settings,
      });
      await tellAdmins((text) => `${text.languageName} ${"x".repeat(10_000)}`);
      const told = admins.map(({ privateChat }) =>
        telegram.messages(privateChat).map(({ text }) => text?.slice(0, 7))
      );
      assert.deepEqual(told, [["Русский"], [], ["English"]]);
    })
  ));
