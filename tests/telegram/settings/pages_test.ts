/**
 * The menus as they are drawn: every page of every template, in both languages, for users with the longest ids.
 *
 * Drives besides: src/telegram/settings/param_page.ts, src/telegram/settings/keyboard_builder.ts,
 * src/i18n/params.ts.
 */
import type { InlineKeyboardButton } from "grammy/types";
import assert from "node:assert/strict";
import { objectInfoAnswer } from "../../../src/comfyui/object_info.ts";
import { languages } from "../../../src/lib/language.ts";
import { newJob } from "../../../src/jobs/job.ts";
import { readButton } from "../../../src/telegram/buttons/callback_data.ts";
import type { MenuPage } from "../../../src/telegram/buttons/menu_action.ts";
import { named } from "../../../src/telegram/buttons/short_name.ts";
import { menuView } from "../../../src/telegram/settings/pages.ts";
import type { SettingsTarget } from "../../../src/telegram/settings/target.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import type { ParamSpec, ParamValues } from "../../../src/templates/params.ts";
import { fitTemplate } from "../../../src/templates/resolve.ts";
import { specsOf, type Template } from "../../../src/templates/template.ts";
import { defaultUserSettings } from "../../../src/users/settings.ts";
import { request } from "../../jobs/job_fixture.ts";

const catalog = objectInfoAnswer.parse(
  JSON.parse(Deno.readTextFileSync(new URL("../../recordings/object_info.json", import.meta.url))),
);
const shipped = new Map(
  [...loadTemplates({ embedded: readEmbedded() }).templates].map(([name, template]) => [
    name,
    fitTemplate(template, {}, catalog).template,
  ]),
);
const plain = shipped.get("qwen_image_edit");
assert.ok(plain);

/** What an owner's manifest may hold: names and options that fit into no button. */
const long: Template = {
  ...plain,
  name: `${"свой_шаблон".repeat(9)}`,
  params: Object.fromEntries(
    ([
      { kind: "int", default: 5, min: 1, max: 9, step: 1 },
      { kind: "seed", default: 0, max: Number.MAX_SAFE_INTEGER },
      {
        kind: "choice",
        default: "a:b",
        options: [
          "a:b",
          "~a",
          ...Array.from({ length: 30 }, (_, i) => `${"ещё/".repeat(20)}${i}`),
          ...Array.from({ length: 70 }, (_, i) => "o".repeat(i + 1)),
        ],
      },
      { kind: "text", default: "", maxLength: 9_000 },
    ] satisfies ParamSpec[]).map((spec) => [
      `a_very_long_name_of_a_parameter_${spec.kind}`,
      { spec, targets: [] },
    ]),
  ),
};
const templates = new Map([...shipped, [long.name, long]]);

/** Larger than any id that Telegram gives, and a job's longest. */
const userId = Number.MAX_SAFE_INTEGER;
const job = newJob(
  request("z".repeat(16), { promptText: "слова ".repeat(500), params: { seed: 2 ** 53 - 1 } }),
  1,
  0,
);
const presets = Array.from({ length: 20 }, (_, i) => ({
  id: `${String(i).padStart(15, "p")}x`,
  words: "идея ".repeat(600),
  params: {},
}));

function subjectOf(template: Template, isJob: boolean, values: ParamValues = {}): SettingsTarget {
  const initial = Object.fromEntries(
    Object.entries(specsOf(template)).map(([name, spec]) => [name, spec.default]),
  );
  return {
    owner: isJob ? { userId, jobId: job.id } : { userId },
    user: { ...defaultUserSettings, presets },
    ...(isJob ? { job } : {}),
    template,
    initial,
    values: { ...initial, ...values },
  };
}

/** Every page that can be reached. */
function pagesOf(template: Template, isJob: boolean): MenuPage[] {
  const params = Object.entries(specsOf(template)).flatMap(([param, spec]): MenuPage[] => [
    { type: "param", param },
    ...(spec.kind === "choice"
      ? Array.from(
        { length: Math.ceil(spec.options.length / 8) },
        (_, list) => ({ type: "param", param, list } as const),
      )
      : []),
  ]);
  const own: MenuPage[] = [
    { type: "more" },
    { type: "templates" },
    { type: "language" },
    { type: "ideas" },
    { type: "ideas", list: 2 },
  ];
  return [{ type: "main" }, ...params, ...(isJob ? [] : own)];
}

function dataOf(button: InlineKeyboardButton): string {
  assert.ok("callback_data" in button);
  return button.callback_data;
}

/** A menu's button without its type: the owner of the menu and the action. */
function menuButton(data: string) {
  const button = readButton(data);
  assert.ok(button?.type === "menu", data);
  const { type: _, action, ...owner } = button;
  return { owner, action };
}

/** What a menu's buttons do, with the names as they were meant. */
function actionOf(data: string, template: Template) {
  const { action } = menuButton(data);
  assert.ok(action, data);
  const names = Object.keys(specsOf(template));
  if (action.type === "set") {
    const param = named(action.param, names);
    const spec = specsOf(template)[param ?? ""];
    assert.ok(param !== undefined && spec, data);
    const value = spec.kind === "choice" ? named(action.value, spec.options) : action.value;
    return { ...action, param, value };
  }
  if ("param" in action) return { ...action, param: named(action.param, names) };
  if (action.type === "template") {
    return { ...action, name: named(action.name, [...templates.keys()]) };
  }
  return action;
}

for (const template of templates.values()) {
  Deno.test(`menuView() fits Telegram's limits when the template is ${template.name.slice(0, 30)}`, () => {
    const seen = new Set<string>();
    for (const isJob of [false, true]) {
      for (const language of languages) {
        for (const page of pagesOf(template, isJob)) {
          const { text, keyboard } = menuView(subjectOf(template, isJob), page, {
            language,
            templates,
          });
          assert.ok(text.length > 0 && text.length <= 4_096);
          const buttons = keyboard.inline_keyboard.flat();
          assert.ok(buttons.length <= 100);
          assert.ok(keyboard.inline_keyboard.length <= 14, `${page.type} is too long for a phone`);
          for (const button of buttons) {
            assert.ok(button.text.length > 0);
            const data = dataOf(button);
            assert.ok(new TextEncoder().encode(data).length <= 64, data);
            assert.deepEqual(menuButton(data).owner, subjectOf(template, isJob).owner, data);
            seen.add(JSON.stringify(actionOf(data, template)));
          }
        }
      }
    }
    for (const [param, spec] of Object.entries(specsOf(template))) {
      for (const value of spec.kind === "choice" ? spec.options : []) {
        const set = JSON.stringify({ type: "set", param, value, stay: false });
        assert.ok(seen.has(set), `${value} of ${param} can be had`);
      }
    }
  });
}

Deno.test("menuView() names the next multiple and stops at the limits when − and + are pressed", () => {
  const pressed = (values: ParamValues) => {
    const { keyboard } = menuView(subjectOf(plain, false, values), { type: "main" }, {
      language: "en",
      templates,
    });
    const row = keyboard.inline_keyboard.find((row) => row[1]?.text.startsWith("CFG"));
    return [row?.[0], row?.[2]].map((button) => button && menuButton(dataOf(button)).action);
  };
  const set = (value: string) => ({ type: "set", param: "cfg", value, stay: false });
  assert.deepEqual(pressed({ cfg: 1.3 }), [set("1"), set("1.5")]);
  assert.deepEqual(pressed({ cfg: 0.1 }), [{ type: "limit" }, set("0.5")]);
  assert.deepEqual(pressed({ cfg: 20 }), [set("19.5"), { type: "limit" }]);
});

Deno.test("menuView() opens a list at the present value when no page of it is named", () => {
  const spec = specsOf(plain).sampler;
  assert.ok(spec?.kind === "choice" && spec.options.length > 40);
  const sampler = spec.options[33]!;
  const { keyboard } = menuView(
    subjectOf(plain, false, { sampler }),
    { type: "param", param: "sampler" },
    { language: "en", templates },
  );
  const labels = keyboard.inline_keyboard.flat().map(({ text }) => text);
  assert.ok(labels.includes(`✓ ${sampler}`), labels.join());
  assert.ok(labels.includes(`5 / ${Math.ceil(spec.options.length / 8)}`), labels.join());
});

Deno.test("menuView() shows the main page when the parameter is not the template's", () => {
  const page = (page: MenuPage) =>
    menuView(subjectOf(plain, false), page, { language: "en", templates }).text;
  assert.equal(page({ type: "param", param: "gone" }), page({ type: "main" }));
});
