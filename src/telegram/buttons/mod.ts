/**
 * What all inline keyboards have in common: the callback data of every button, and the pages of long lists.
 * Owns the wire form. Does not know what a press does.
 */
export {
  type AccessAction,
  type AdminAction,
  adminMenu,
  type Button,
  type ButtonOf,
  type DraftModeButton,
  type ImportAction,
  readButton,
  type RoleButton,
  writeButton,
} from "./callback_data.ts";
export type { MenuAction, MenuOwner, MenuPage } from "./menu_action.ts";
export { addPager, pageOf } from "./pager.ts";
export { named } from "./short_name.ts";
