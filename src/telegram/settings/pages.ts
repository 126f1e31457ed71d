/**
 * What stands in a menu: the text and the buttons of each of its pages. Pure; what a button does is menu.ts's,
 * how it is written into its callback data is buttons/'s.
 */
import { cut, textIn } from "../../i18n/mod.ts";
import { Delivery } from "../../jobs/mod.ts";
import { type Language, languages } from "../../lib/mod.ts";
import { specsOf, type Template } from "../../templates/mod.ts";
import { maxOwnPresets } from "../../users/mod.ts";
import type { MenuPage } from "../buttons/mod.ts";
import { KeyboardBuilder, type MenuView, pageSize } from "./keyboard_builder.ts";
import { paramPage, paramRow } from "./param_page.ts";
import type { SettingsTarget } from "./target.ts";

export interface MenuSurroundings {
  readonly language: Language;
  readonly templates: ReadonlyMap<string, Template>;
}

/** Most characters of a title and of a user's words on a button. */
const titleLength = 36;
const wordsLength = 32;
/** Most characters of a job's words in the text of its menu. */
const headLength = 200;

/** The page as it stands now. A page of something that is no longer there is the main one. */
export function menuView(
  target: SettingsTarget,
  page: MenuPage,
  surroundings: MenuSurroundings,
): MenuView {
  const builder = new KeyboardBuilder(target, textIn(surroundings.language));
  switch (page.type) {
    case "main":
      return mainPage(builder, surroundings);
    case "param": {
      const spec = specsOf(target.template)[page.param];
      return spec
        ? paramPage(builder, page.param, spec, page.list, surroundings.language)
        : mainPage(builder, surroundings);
    }
    case "more":
      return morePage(builder);
    case "templates":
      return templatesPage(builder, page.list, surroundings);
    case "language":
      return languagePage(builder);
    case "ideas":
      return ideasPage(builder, page.list);
    default:
      return page satisfies never;
  }
}

function mainPage(builder: KeyboardBuilder, { language, templates }: MenuSurroundings): MenuView {
  const { target, text } = builder;
  const { settings } = text;
  for (const [name, spec] of Object.entries(specsOf(target.template))) {
    paramRow(builder, name, spec);
  }
  const title = target.template.title[language];
  if (target.job) {
    builder.button(settings.start, { type: "start" }).success().row();
    builder.button(settings.reset, { type: "reset" }).danger();
    builder.button(settings.leave, { type: "close" });
    return builder.view(settings.jobHead({ words: cut(target.job.promptText, headLength) }));
  }
  if (templates.size > 1) {
    const label = settings.template({ title: cut(title, titleLength) });
    builder.open(`${label} ▸`, { type: "templates" }).row();
  }
  const { delivery } = target.user;
  const deliveries = Delivery.options;
  const next = deliveries[(deliveries.indexOf(delivery) + 1) % deliveries.length] ?? "auto";
  builder.button(settings.result({ as: settings.resultAs[delivery] }), {
    type: "delivery",
    delivery: next,
  });
  builder.open(settings.more, { type: "more" }).row();
  builder.button(settings.reset, { type: "reset" }).danger();
  builder.button(settings.close, { type: "close" }).primary();
  return builder.view(settings.head({ template: title }));
}

function morePage(builder: KeyboardBuilder): MenuView {
  const { settings } = builder.text;
  const { preview, sameSize = false, language, presets } = builder.target.user;
  const { auto } = builder.text.language;
  builder.button(preview ? settings.previewOn : settings.previewOff, {
    type: "preview",
    on: !preview,
  }).row();
  builder.button(sameSize ? settings.sameSizeOn : settings.sameSizeOff, {
    type: "same_size",
    on: !sameSize,
  }).row();
  const name = language ? textIn(language).languageName : auto;
  builder.open(`${settings.language({ name })} ▸`, { type: "language" }).row();
  builder.open(`${settings.ideas({ count: presets.length })} ▸`, { type: "ideas" }).row();
  builder.back({ type: "main" });
  return builder.view(settings.moreHead);
}

function templatesPage(
  builder: KeyboardBuilder,
  list: number | undefined,
  { language, templates }: MenuSurroundings,
): MenuView {
  const all = [...templates.values()];
  const present = builder.target.template.name;
  const at = Math.max(0, all.findIndex(({ name }) => name === present));
  builder.list(
    all,
    list ?? Math.floor(at / pageSize),
    ({ name, title }) => {
      const label = cut(title[language], titleLength);
      builder.button(name === present ? `✓ ${label}` : label, { type: "template", name });
    },
    (list) => ({ type: "templates", list }),
  );
  builder.back({ type: "main" });
  const about = all.map(({ title, description }) =>
    `${title[language]} — ${description[language]}`
  );
  return builder.view(builder.text.settings.chooseTemplate, cut(about.join("\n"), 3_000));
}

function languagePage(builder: KeyboardBuilder): MenuView {
  const chosen = builder.target.user.language;
  const choice = (label: string, language: Language | undefined) =>
    builder.button(language === chosen ? `✓ ${label}` : label, {
      type: "language",
      language: language ?? "auto",
    }).row();
  for (const language of languages) choice(textIn(language).languageName, language);
  choice(builder.text.language.auto, undefined);
  builder.back({ type: "more" });
  return builder.view(builder.text.language.ask);
}

function ideasPage(builder: KeyboardBuilder, list = 0): MenuView {
  const { presets } = builder.target.user;
  builder.list(
    presets.toReversed(),
    list,
    ({ id, words }) => {
      builder.button(`⭐ ${cut(words, wordsLength)}`, { type: "idea", id });
      builder.button("🗑", { type: "drop_idea", id }).danger();
    },
    (list) => ({ type: "ideas", list }),
  );
  builder.back({ type: "more" });
  const count = presets.length;
  return builder.view(builder.text.settings.ideasHead({ count, max: maxOwnPresets }));
}
