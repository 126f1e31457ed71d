/** What Telegram's refusals are about, in the words of its server and of many reports. */
import assert from "node:assert/strict";
import { type Refusal, refusalIn } from "../../../src/telegram/api/refusal.ts";

const cases: Readonly<
  Record<Exclude<Refusal["kind"], "moved">, readonly (readonly [number, string])[]>
> = {
  passing: [[500, "Internal Server Error"], [502, "Bad Gateway"], [
    429,
    "Too Many Requests: retry after 5",
  ]],
  credentials: [[401, "Unauthorized"], [404, "Not Found"], [401, "Unauthorized: logged out"]],
  method: [[404, "Not Found: method not found"]],
  topic: [
    [400, "Bad Request: message thread not found"],
    [400, "Bad Request: TOPIC_CLOSED"],
    [400, "Bad Request: TOPIC_DELETED"],
  ],
  reply: [[400, "Bad Request: message to be replied not found"]],
  form: [
    [400, "Bad Request: PHOTO_INVALID_DIMENSIONS"],
    [400, "Bad Request: IMAGE_PROCESS_FAILED"],
    [400, "Bad Request: PHOTO_SAVE_FILE_INVALID"],
    [400, "Bad Request: not enough rights to send photos to the chat"],
    [400, "Bad Request: have no rights to send a photo"],
    [400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"],
    [400, "Bad Request: file is too big"],
    [413, "Request Entity Too Large"],
  ],
  person: [
    [403, "Forbidden: bot was blocked by the user"],
    [403, "Forbidden: user is deactivated"],
    [403, "Forbidden: bot can't initiate conversation with a user"],
  ],
  place: [
    [403, "Forbidden: bot was kicked from the supergroup chat"],
    [403, "Forbidden: bot is not a member of the channel chat"],
    [400, "Bad Request: chat not found"],
    [400, "Bad Request: have no rights to send a message"],
    [400, "Bad Request: not enough rights to send text messages to the chat"],
    [403, "Forbidden: something new"],
  ],
  other: [[400, "Bad Request: message to edit not found"], [400, "Bad Request: something new"]],
};

Deno.test("refusalIn() tells what a refusal is about", () => {
  for (const [kind, answers] of Object.entries(cases)) {
    for (const [error_code, description] of answers) {
      assert.equal(refusalIn({ error_code, description }).kind, kind, description);
    }
  }
});

Deno.test("refusalIn() gives the id that a group has moved to", () => {
  const answer = {
    error_code: 400,
    description: "Bad Request: group chat was upgraded to a supergroup chat",
    parameters: { migrate_to_chat_id: -1_001_234_567_890 },
  };
  assert.deepEqual(refusalIn(answer), { kind: "moved", chatId: -1_001_234_567_890 });
});
