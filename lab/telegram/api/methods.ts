/**
 * The Bot API's methods by name, those that this server is too old for left out. It does not know HTTP.
 */

import type { Knows } from "../contract.ts";
import { Refusal } from "../refusal.ts";
import type { Params } from "../server/params.ts";
import type { World } from "../world.ts";
import { botMethods } from "./bot_methods.ts";
import { editMethods } from "./edit_methods.ts";
import { sendMethods } from "./send_methods.ts";

/** Serves one call; throws a Refusal to answer `ok: false`. The signal aborts when the client has gone. */
export type Method = (world: World, params: Params, signal: AbortSignal) => unknown;
export type Methods = Readonly<Record<string, Method>>;

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...botMethods, ...sendMethods, ...editMethods })
    .map(([name, method]) => [name.toLowerCase(), method]),
);

/** What a server must know for a method to be there. */
function requirement(name: string): keyof Knows | undefined {
  if (/draft$/.test(name)) return "drafts";
  if (/ephemeralmessage/.test(name)) return "ephemeral";
  return undefined;
}

/** The method of a name, in any case; a Refusal 404 for one that there is not. */
export function methodOf(world: World, name: string): Method {
  const wanted = name.toLowerCase();
  const method = METHODS.get(wanted);
  const required = requirement(wanted);
  if (method === undefined || (required !== undefined && !world.knows[required])) {
    throw new Refusal(404, "Not Found: method not found");
  }
  return method;
}
