/** One parameter in a menu: its row among the others, and the page that says what it does and has every way to set it. */
import { type Language } from "../../lib/mod.ts";
import type { InlineKeyboard } from "grammy";
import { cut, paramLabel, shownLimits, shownValue } from "../../i18n/mod.ts";

import { type ParamSpec, randomSeed } from "../../templates/mod.ts";
import type { MenuPage } from "../buttons/mod.ts";
import { type KeyboardBuilder, type MenuView, pageSize } from "./keyboard_builder.ts";

/** Most characters of a value on a button, and in a page's text. */
const buttonLength = 30;
const pageLength = 1_000;

/** The row of the main page: a tap on the name opens the parameter's own page. */
export function paramRow(builder: KeyboardBuilder, name: string, spec: ParamSpec): void {
  const { target, text } = builder;
  const value = cut(shownValue(text, spec, target.values[name] ?? ""), buttonLength);
  const label = `${paramLabel(text, name)}: ${value}`;
  const page: MenuPage = { type: "param", param: name };
  switch (spec.kind) {
    case "int":
    case "float":
      return builder.stepper(name, spec, false, () => builder.open(label, page));
    case "seed":
      builder.open(label, page);
      randomButton(builder, name, false).row();
      return;
    case "choice":
      builder.open(`${label} ▸`, page).row();
      return;
    case "text":
      builder.open(text.settings.set({ name: label }), page).row();
      return;
    default:
      spec satisfies never;
  }
}

function randomButton(builder: KeyboardBuilder, name: string, stay: boolean): InlineKeyboard {
  return builder.button(builder.text.settings.randomSeed, {
    type: "set",
    param: name,
    value: String(randomSeed),
    stay,
  });
}

/** The parameter's own page. `list` is the page of a choice's options; without it, the one with the present value. */
export function paramPage(
  builder: KeyboardBuilder,
  name: string,
  spec: ParamSpec,
  list: number | undefined,
  language: Language,
): MenuView {
  const { target, text } = builder;
  const { settings } = text;
  const shown = (value = target.values[name]) => shownValue(text, spec, value ?? "");
  let place = "";
  switch (spec.kind) {
    case "int":
    case "float":
      builder.stepper(name, spec, true);
      break;
    case "seed":
      randomButton(builder, name, true).row();
      break;
    case "choice": {
      const present = spec.options.indexOf(String(target.values[name]));
      const [page, pages] = builder.list(
        spec.options,
        list ?? Math.max(0, Math.floor(present / pageSize)),
        (option) =>
          builder.button(option === spec.options[present] ? `✓ ${option}` : option, {
            type: "set",
            param: name,
            value: option,
            stay: false,
          }),
        (list) => ({ type: "param", param: name, list }),
      );
      if (spec.options.length === 0) place = settings.noList;
      else if (pages > 1) place = settings.page({ page, pages });
      break;
    }
    case "text":
      break;
    default:
      spec satisfies never;
  }
  const initial = { value: cut(shown(target.initial[name]), buttonLength) };
  builder.button(settings.type, { type: "ask", param: name }).row();
  builder.button(target.job ? settings.asBefore(initial) : settings.byDefault(initial), {
    type: "unset",
    param: name,
  }).row();
  builder.back({ type: "main" });
  return builder.view(
    `${paramLabel(text, name)}: ${cut(shown(), pageLength)}`,
    target.template.params[name]?.about?.[language] ?? "",
    [shownLimits(text, spec), place].filter((line) => line !== "").join("\n"),
  );
}
