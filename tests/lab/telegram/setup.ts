/**
 * What the tests of the emulated Telegram begin with: a server, two users who have talked to the bot, the bot's calls.
 */

import { Bot } from "grammy";
import type { Update } from "grammy/types";
import { Image } from "imagescript";
import assert from "node:assert/strict";
import { startTelegram, type TelegramOptions } from "../../../lab/telegram/mod.ts";
import { rawCall, type RawParams } from "../../../lab/telegram/raw_call.ts";

/** Starts a server (without flood limits unless told otherwise); dispose of `tg`. */
export async function setUp(options: TelegramOptions = { limits: false }) {
  const tg = await startTelegram(options);
  const ann = tg.person({ id: 7, first_name: "Ann", started: true });
  const bob = tg.person({ id: 8, first_name: "Bob", started: true });
  const { api } = new Bot(tg.token, { client: { apiRoot: tg.url } });
  /** The update that came last and is not confirmed. */
  const last = (): Update | undefined => tg.unconfirmed.at(-1);
  const refuses = async (method: string, params: RawParams, description: string) => {
    const answer = await rawCall(tg, method, params);
    assert.equal(answer.description, description);
    assert.equal(answer.ok, false);
  };
  return { tg, ann, bob, api, last, refuses };
}

/** A picture of one colour. */
export function png(width: number, height: number): Promise<Uint8Array> {
  return new Image(width, height).fill(0x3366ccff).encode();
}
