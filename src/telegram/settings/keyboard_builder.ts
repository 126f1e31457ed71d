/**
 * The builder that a menu's pages are written on: a keyboard in the making, with what every page has. Does not know what
 * stands on which page.
 */
import { InlineKeyboard } from "grammy";
import { type Text } from "../../i18n/mod.ts";
import { type ParamSpec, stepParam } from "../../templates/mod.ts";
import { type MenuAction, type MenuPage, writeAction } from "./callback_data.ts";
import type { SettingsTarget } from "./target.ts";

export interface MenuView {
  readonly text: string;
  readonly keyboard: InlineKeyboard;
}

/** Entries of a list on one page of it. */
export const pageSize = 8;
/** Pages that « and » pass over, in a list of more pages than that. */
const leap = 5;

/** A keyboard in the making, with what its labels and its buttons' data are made of. */
export class KeyboardBuilder {
  readonly keyboard = new InlineKeyboard();

  constructor(readonly target: SettingsTarget, readonly text: Text) {}

  button(label: string, act: MenuAction): InlineKeyboard {
    return this.keyboard.text(label, writeAction(this.target.owner, act));
  }

  open(label: string, page: MenuPage): InlineKeyboard {
    return this.button(label, { type: "open", page });
  }

  back(page: MenuPage): InlineKeyboard {
    return this.open(this.text.settings.back, page);
  }

  /** − and + around what `between` puts there. */
  stepper(
    name: string,
    spec: Extract<ParamSpec, { kind: "int" | "float" }>,
    stay: boolean,
    between = () => {},
  ): void {
    const value = Number(this.target.values[name]);
    const step = (direction: 1 | -1): MenuAction => {
      const next = stepParam(spec, value, direction);
      return next === value
        ? { type: "limit" }
        : { type: "set", param: name, value: String(next), stay };
    };
    this.button("−", step(-1));
    between();
    this.button("+", step(1)).row();
  }

  /** One page of a list, a row an entry, and the way to its neighbours where there are any. Gives its place: `[1, 3]`. */
  list<T>(
    entries: readonly T[],
    at: number,
    row: (entry: T) => void,
    pageAt: (list: number) => MenuPage,
  ): readonly [page: number, pages: number] {
    const pages = Math.max(1, Math.ceil(entries.length / pageSize));
    const here = Math.min(at, pages - 1);
    for (const entry of entries.slice(here * pageSize, (here + 1) * pageSize)) {
      row(entry);
      this.keyboard.row();
    }
    if (pages > 1) {
      const leaps = pages > leap;
      if (leaps) this.open("«", pageAt(Math.max(0, here - leap)));
      this.open("‹", pageAt((here + pages - 1) % pages));
      this.open(`${here + 1} / ${pages}`, pageAt(here));
      this.open("›", pageAt((here + 1) % pages));
      if (leaps) this.open("»", pageAt(Math.min(pages - 1, here + leap)));
      this.keyboard.row();
    }
    return [here + 1, pages];
  }

  view(...paragraphs: readonly string[]): MenuView {
    return {
      text: paragraphs.filter((paragraph) => paragraph !== "").join("\n\n"),
      keyboard: this.keyboard,
    };
  }
}
