/** Long lists in keyboards: which entries are on a page, and the row of buttons that leads to the other pages. */
import type { InlineKeyboard } from "grammy";

/** One page of a list. */
export interface ListPage<T> {
  readonly entries: readonly T[];
  /** This page, from 0. */
  readonly page: number;
  /** How many pages there are: 1 for an empty list. */
  readonly pages: number;
}

/** Pages that « and » skip, in a list of more pages than that. */
const leap = 5;

/** The page of `all` with that number, from 0; the last one where there are fewer. */
export function pageOf<T>(all: readonly T[], wanted: number, pageSize: number): ListPage<T> {
  const pages = Math.max(1, Math.ceil(all.length / pageSize));
  const page = Math.min(wanted, pages - 1);
  return { entries: all.slice(page * pageSize, (page + 1) * pageSize), page, pages };
}

/** Adds the row `« ‹ 2 / 7 › »` where there is more than one page; `dataAt` gives the callback data that opens a page. */
export function addPager(
  keyboard: InlineKeyboard,
  { page, pages }: Pick<ListPage<unknown>, "page" | "pages">,
  dataAt: (page: number) => string,
): void {
  if (pages === 1) return;
  const leaps = pages > leap;
  if (leaps) keyboard.text("«", dataAt(Math.max(0, page - leap)));
  keyboard
    .text("‹", dataAt((page + pages - 1) % pages))
    .text(`${page + 1} / ${pages}`, dataAt(page))
    .text("›", dataAt((page + 1) % pages));
  if (leaps) keyboard.text("»", dataAt(Math.min(pages - 1, page + leap)));
  keyboard.row();
}
