/** Who may use the bot, rule by rule, over a real store; what users see of it is e2e/access_test.ts's. */
import assert from "node:assert/strict";
import { type Config, defaultConfig } from "../../src/config/config.ts";
import { createKvAccessStore } from "../../src/kv/access.ts";
import { type Access, createAccess, type Role } from "../../src/users/access.ts";
import { withFolder, withKv } from "../kv/kv_fixture.ts";

const [owner, person, group, otherGroup] = [1, 7, -100, -200];

/** Rules with one owner; `roles` has been decided on. */
async function withAccess(
  { mode = "approve", allow = [], roles = [] }: Partial<Config["access"]> & {
    readonly roles?: readonly (readonly [id: number, role: Role])[];
  },
  use: (access: Access) => Promise<void>,
): Promise<void> {
  const defaults = defaultConfig("/srv");
  const config = {
    ...defaults,
    telegram: { ...defaults.telegram, adminIds: [owner] },
    access: { mode, allow },
  };
  await withFolder((dir) =>
    withKv(dir, async (kv) => {
      const access = createAccess(createKvAccessStore(kv), {
        rules: () => ({ adminIds: config.telegram.adminIds, ...config.access }),
        now: () => 5,
      });
      for (const [id, role] of roles) {
        await access.ask({ id, name: String(id), language: "en" });
        await access.decide(id, role, owner);
      }
      await use(access);
    })
  );
}

const stranger = { type: "stranger", asked: false };

Deno.test("standing() lets only admins bring the bot into a group that was not let in", () =>
  withAccess({ roles: [[person, "user"], [group, "user"]] }, async (access) => {
    assert.deepEqual(await access.levelOf(person, person), { type: "user" });
    assert.deepEqual(await access.levelOf(person, group), { type: "user" });
    assert.deepEqual(await access.levelOf(person, otherGroup), stranger);
    assert.deepEqual(await access.levelOf(owner, otherGroup), { type: "admin" });
  }));

Deno.test("standing() lets a group's members in there alone, and none who is blocked", () =>
  withAccess(
    { roles: [[group, "user"], [otherGroup, "blocked"], [8, "blocked"]] },
    async (access) => {
      assert.deepEqual(await access.levelOf(person, group), { type: "user" });
      assert.deepEqual(await access.levelOf(person, person), stranger);
      assert.deepEqual(await access.levelOf(person, otherGroup), { type: "blocked" });
      assert.deepEqual(await access.levelOf(8, group), { type: "blocked" });
    },
  ));

Deno.test("standing() keeps who is blocked out when the bot is open or its configuration lets them in", () =>
  withAccess({ mode: "open", allow: [person], roles: [[person, "blocked"]] }, async (access) => {
    assert.deepEqual(await access.levelOf(person, person), { type: "blocked" });
    assert.deepEqual(await access.levelOf(9, 9), { type: "user" });
  }));

Deno.test("decide() cannot take an owner's role, and makes a stranger of who is removed", () =>
  withAccess({ roles: [[person, "admin"]] }, async (access) => {
    await access.ask({ id: owner, name: "owner", language: "en" });
    assert.equal(await access.decide(owner, "blocked", person), false);
    assert.deepEqual(await access.admins(), [owner, person]);
    await access.decide(person, undefined, owner);
    assert.deepEqual(await access.levelOf(person, person), stranger);
    assert.deepEqual(await access.admins(), [owner]);
  }));

Deno.test("ask() is true once, and leaves a decision as it is", () =>
  withAccess({ roles: [[8, "blocked"]] }, async (access) => {
    const asks = (id: number) => access.ask({ id, name: "P", language: "en" });
    assert.deepEqual([await asks(person), await asks(person), await asks(8)], [true, false, false]);
    assert.deepEqual(await access.levelOf(person, person), { type: "stranger", asked: true });
    assert.deepEqual(await access.levelOf(8, 8), { type: "blocked" });
  }));

for (const mode of ["approve", "open"] as const) {
  Deno.test(`standing() lets no user speak in another user's private chat when the bot is ${mode}`, () =>
    withAccess({ mode, allow: [8], roles: [[person, "user"]] }, async (access) => {
      for (const userId of [owner, person, 8, 9]) {
        for (const chatId of [owner, person, 8, 9].filter((id) => id !== userId)) {
          assert.deepEqual(await access.levelOf(userId, chatId), { type: "blocked" });
        }
      }
    }));
}

Deno.test("move() gives a group's role to its new id, also one that the configuration gives", async () => {
  const moved = -1_001_234_567_890;
  for (
    const [given, expected] of [
      [{ roles: [[group, "user"]] }, { type: "user" }],
      [{ roles: [[group, "blocked"]] }, { type: "blocked" }],
      [{ allow: [group] }, { type: "user" }],
      [{}, stranger],
    ] as const
  ) {
    await withAccess(given, async (access) => {
      for (let times = 0; times < 2; times++) await access.move(group, moved);
      assert.deepEqual(await access.levelOf(person, moved), expected);
    });
  }
});
