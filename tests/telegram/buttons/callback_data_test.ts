/**
 * Every wire form of a button, as literals: those of 0.1.0, which buttons in chats have, are read and written today.
 *
 * Drives besides: src/telegram/buttons/menu_action.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type Button,
  readButton,
  writeButton,
} from "../../../src/telegram/buttons/callback_data.ts";
import { named } from "../../../src/telegram/buttons/short_name.ts";

/** 501 is `dx` in base 36, the group -1001234567890 is `-crx2qudu`. */
const userId = 501;
const menu = { type: "menu", userId } as const;
const jobMenu = { ...menu, jobId: "8my1jj" };
const jobId = "8my1jj";

/** Each form that 0.1.0 wrote. */
const forms: readonly (readonly [data: string, button: Button])[] = [
  ["x:8my1jj", { type: "cancel", jobId }],
  ["xa:dx", { type: "cancel_all", userId }],
  ["xa:-crx2qudu", { type: "cancel_all", userId: parseInt("-crx2qudu", 36) }],
  ["r:again:8my1jj", { type: "result", verb: "again", jobId }],
  ["r:further:8my1jj", { type: "result", verb: "further", jobId }],
  ["r:params:8my1jj", { type: "result", verb: "params", jobId }],
  ["r:compare:8my1jj", { type: "result", verb: "compare", jobId }],
  ["r:file:8my1jj", { type: "result", verb: "file", jobId }],
  ["r:preset:8my1jj", { type: "result", verb: "preset", jobId }],
  ["r:original:8my1jj", { type: "result", verb: "original", jobId }],
  ["r:delete:8my1jj", { type: "result", verb: "delete", jobId }],
  ["p:dx:0", { type: "preset", userId, index: 0 }],
  ["p:dx:12", { type: "preset", userId, index: 12 }],
  ["po:dx:8my1jj", { type: "own_preset", userId, id: "8my1jj" }],
  ["pe:dx:each:8my1jj", { type: "draft_mode", userId, mode: "each", draftId: "8my1jj" }],
  ["pe:dx:one", { type: "draft_mode", userId, mode: "one" }],
  ["n:8my1jj", { type: "pick", jobId }],
  ["r:four:8my1jj", { type: "result", verb: "four", jobId }],
  ["pp:dx:1", { type: "preset_page", userId, page: 1 }],
  ["pd:dx", { type: "collected", userId }],
  ["g:dx:13579246801357924", { type: "start_album", userId, album: "13579246801357924" }],
  ["l:dx:en", { type: "language", userId, language: "en" }],
  ["l:dx:ru", { type: "language", userId, language: "ru" }],
  ["l:dx:auto", { type: "language", userId, language: "auto" }],
  ["f:dx:yes", { type: "forget", userId, isConfirmed: true }],
  ["f:dx:no", { type: "forget", userId, isConfirmed: false }],
  ["k:ask", { type: "access", action: { type: "ask" } }],
  ["k:list:3", { type: "access", action: { type: "list", page: 3 } }],
  ["k:show:501", { type: "access", action: { type: "show", chatId: 501 } }],
  ...(["yes", "no", "user", "admin", "block", "out"] as const).map((role) =>
    [
      `k:${role}:-1001234567890`,
      { type: "access", action: { type: "role", role, chatId: -1_001_234_567_890 } },
    ] as const
  ),
  ["m:home", { type: "admin", action: { type: "home" } }],
  ["m:pause", { type: "admin", action: { type: "pause" } }],
  ["m:drain", { type: "admin", action: { type: "drain" } }],
  ["m:resume", { type: "admin", action: { type: "resume" } }],
  ["m:statistics", { type: "admin", action: { type: "statistics" } }],
  ["m:backends", { type: "admin", action: { type: "backends" } }],
  ["m:unload", { type: "admin", action: { type: "unload" } }],
  ["m:reload", { type: "admin", action: { type: "reload" } }],
  ["m:log", { type: "admin", action: { type: "log" } }],
  ["m:announce", { type: "admin", action: { type: "announce" } }],
  ["m:send", { type: "admin", action: { type: "send" } }],
  ["m:discard", { type: "admin", action: { type: "discard" } }],
  ["m:close", { type: "admin", action: { type: "close" } }],
  ["m:queue:0", { type: "admin", action: { type: "queue", page: 0 } }],
  ["m:job:8my1jj", { type: "admin", action: { type: "job", jobId } }],
  ["m:cancel:8my1jj", { type: "admin", action: { type: "cancel", jobId } }],
  ["m:first:8my1jj", { type: "admin", action: { type: "first", jobId } }],
  ["s:dx:main", { ...menu, action: { type: "open", page: { type: "main" } } }],
  ["s:dx:more", { ...menu, action: { type: "open", page: { type: "more" } } }],
  ["s:dx:language", { ...menu, action: { type: "open", page: { type: "language" } } }],
  ["s:dx:templates", { ...menu, action: { type: "open", page: { type: "templates" } } }],
  ["s:dx:templates:2", { ...menu, action: { type: "open", page: { type: "templates", list: 2 } } }],
  ["s:dx:ideas", { ...menu, action: { type: "open", page: { type: "ideas" } } }],
  ["s:dx:ideas:1", { ...menu, action: { type: "open", page: { type: "ideas", list: 1 } } }],
  ["s:dx:param:steps", {
    ...menu,
    action: { type: "open", page: { type: "param", param: "steps" } },
  }],
  ["j:dx:8my1jj:param:sampler:4", {
    ...jobMenu,
    action: { type: "open", page: { type: "param", param: "sampler", list: 4 } },
  }],
  ["s:dx:set:steps:9", {
    ...menu,
    action: { type: "set", param: "steps", value: "9", stay: false },
  }],
  ["j:dx:8my1jj:set:cfg:1.5", {
    ...jobMenu,
    action: { type: "set", param: "cfg", value: "1.5", stay: false },
  }],
  ["s:dx:put:sampler:a:b", {
    ...menu,
    action: { type: "set", param: "sampler", value: "a:b", stay: true },
  }],
  ["s:dx:unset:steps", { ...menu, action: { type: "unset", param: "steps" } }],
  ["s:dx:ask:negative_prompt", { ...menu, action: { type: "ask", param: "negative_prompt" } }],
  ["s:dx:use:qwen-image-edit", { ...menu, action: { type: "template", name: "qwen-image-edit" } }],
  ["s:dx:as:file", { ...menu, action: { type: "delivery", delivery: "file" } }],
  ["s:dx:preview:on", { ...menu, action: { type: "preview", on: true } }],
  ["s:dx:preview:off", { ...menu, action: { type: "preview", on: false } }],
  ["s:dx:speak:ru", { ...menu, action: { type: "language", language: "ru" } }],
  ["s:dx:speak:auto", { ...menu, action: { type: "language", language: "auto" } }],
  ["s:dx:idea:8my1jj", { ...menu, action: { type: "idea", id: "8my1jj" } }],
  ["s:dx:drop:8my1jj", { ...menu, action: { type: "drop_idea", id: "8my1jj" } }],
  ["s:dx:limit", { ...menu, action: { type: "limit" } }],
  ["s:dx:reset", { ...menu, action: { type: "reset" } }],
  ["s:dx:close", { ...menu, action: { type: "close" } }],
  ["j:dx:8my1jj:start", { ...jobMenu, action: { type: "start" } }],
  // By these a stored question of 0.1.0 knows its menu.
  ["s:dx", menu],
  ["j:dx:8my1jj", jobMenu],
];

/** Forms that came later. */
const name = "a".repeat(40);
const draftId = "8my1jk";
const laterForms: typeof forms = [
  ["p:dx:12:8my1jk", { type: "preset", userId, index: 12, draftId }],
  ["po:dx:8my1jj:8my1jk", { type: "own_preset", userId, id: jobId, draftId }],
  ["pp:dx:1:8my1jk", { type: "preset_page", userId, page: 1, draftId }],
  ["pd:dx:8my1jk", { type: "collected", userId, draftId }],
  ["r:more:8my1jj", { type: "result", verb: "more", jobId }],
  ["r:back:8my1jj", { type: "result", verb: "back", jobId }],
  ["pm:dx:8my1jk", { type: "marks", userId, draftId }],
  ["a:16x9:8my1jj", { type: "format", format: "16:9", jobId }],
  ["pf:dx:1x1:8my1jk", { type: "draft_format", userId, format: "1:1", draftId }],
  ["s:dx:size:on", { ...menu, action: { type: "same_size", on: true } }],
  ["b:4:8my1jj", { type: "bigger", factor: 4, jobId }],
  ["i:file", { type: "import", action: { type: "file" } }],
  ["i:sample:my_edit-2", { type: "import", action: { type: "sample", name: "my_edit-2" } }],
  ["i:picture:night", { type: "import", action: { type: "picture", name: "night" } }],
  [`i:back:${name}:0f3a99bc`, { type: "import", action: { type: "back", name, tag: "0f3a99bc" } }],
];

Deno.test("readButton() reads and writeButton() writes every form that came after 0.1.0", () => {
  for (const [data, button] of laterForms) {
    assert.deepEqual(readButton(data), button, data);
    assert.equal(writeButton(button), data);
    assert.ok(data.length <= 64);
  }
  for (const data of ["i", "i:back:night", "i:back:night:0F3A99BC", "i:sample", "i:sample:a b"]) {
    assert.equal(readButton(data), undefined, data);
  }
});

Deno.test("readButton() reads and writeButton() writes every form of 0.1.0", () => {
  for (const [data, button] of forms) {
    assert.deepEqual(readButton(data), button, data);
    assert.equal(writeButton(button), data);
  }
});

Deno.test("writeButton() writes what is too long as 0.1.0 did: as a digest, found again by named()", () => {
  const value = "euler_ancestral_with_a_name_that_fits_into_no_button_at_all.safetensors";
  const action = {
    type: "set",
    param: "a_very_long_name_of_a_parameter",
    value,
    stay: false,
  } as const;
  const data = writeButton({ ...jobMenu, action });
  assert.equal(data, "j:dx:8my1jj:set:~mx904y:~1t61qn5");
  const read = readButton(data);
  assert.ok(read?.type === "menu" && read.action?.type === "set");
  assert.equal(named(read.action.value, ["other", value]), value);
  assert.equal(named(read.action.param, ["steps", action.param]), action.param);
  assert.equal(named("~none", ["steps"]), undefined);
});

Deno.test("readButton() knows no button that was never there", () => {
  for (
    const data of [
      "",
      "2:x:8my1jj",
      "r",
      "r:explode:8my1jj",
      "r:seed:8my1jj",
      "r:constructor:8my1jj",
      "b:x:8my1jj",
      "a:16:9:8my1jj",
      "pf:dx:2x1:8my1jk",
      "p:dx:x",
      "pp:dx:-1",
      "l:dx:fr",
      "f:dx",
      "k:list:x",
      "k:explode:501",
      "k:yes:x",
      "m",
      "m:",
      "m:explode",
      "m:home:1",
      "m:queue:-1",
      "m:queue:x",
      "m:cancel:",
      "m:cancel:A/../b",
      "m:job:a:b",
      `m:job:${"a".repeat(17)}`,
    ]
  ) assert.equal(readButton(data), undefined, data);
});

Deno.test("readButton() leaves a menu its owner, or none where none is named, when the action is not known", () => {
  assert.deepEqual(readButton("s:dx:boom"), menu);
  assert.deepEqual(readButton("j:dx:8my1jj:as:video"), jobMenu);
  assert.deepEqual(readButton("s:"), { type: "menu", userId: 0 });
  assert.deepEqual(readButton("xa:A-B"), { type: "cancel_all", userId: 0 });
});

Deno.test("readButton() never throws, and writeButton() takes 64 bytes at most, whatever the data", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (data) => void readButton(data)));
  const tags = "x xa r d p po pp pd g l f k m s j".split(" ");
  const parts = fc.constantFrom("1f", "set", "param", "as", "speak", "-1", "", "~", "9", "again");
  fc.assert(fc.property(fc.constantFrom(...tags), fc.array(parts), (tag, words) => {
    const button = readButton([tag, ...words].join(":"));
    assert.ok(!button || !("userId" in button) || Number.isSafeInteger(button.userId));
  }));
  const longest = { userId: -Number.MAX_SAFE_INTEGER, jobId: "z".repeat(16) };
  fc.assert(fc.property(fc.string(), fc.string(), (param, value) => {
    const action = { type: "set", param, value, stay: true } as const;
    const data = writeButton({ type: "menu", ...longest, action });
    assert.ok(new TextEncoder().encode(data).length <= 64, data);
  }));
});
