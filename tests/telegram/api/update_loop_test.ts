/** The update loop against an emulated Telegram that fails in every way, and before the rest of the program is ready. */
import { Api } from "grammy";
import type { Update } from "grammy/types";
import assert from "node:assert/strict";
import { flatJpeg } from "../../../lab/pictures.ts";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { createKvInbox } from "../../../src/kv/inbox.ts";
import { parseUpdate, runUpdates } from "../../../src/telegram/api/update_loop.ts";
import { withFolder, withKv } from "../../kv/kv_fixture.ts";

const noPoison = (updateId: number): never => assert.fail(`${updateId} was dropped`);
const wordsOf = ({ message }: Update) => message?.text ?? message?.caption;
const photo = flatJpeg(40, 30);

/** A user, a file that keeps updates, and the loop over it; `ready` is the test's to settle. */
async function withLoop(
  act: (loop: {
    readonly telegram: Awaited<ReturnType<typeof startTelegram>>;
    readonly say: (words: string) => void;
    /** A picture of an album. */
    readonly sendPart: (caption: string) => Promise<unknown>;
    readonly handled: readonly (string | undefined)[];
    readonly left: () => Promise<readonly (string | undefined)[]>;
    /** The same beside a loop that runs. */
    readonly inInbox: () => Promise<readonly (string | undefined)[]>;
    readonly run: (
      ready: Promise<unknown>,
      options?: {
        readonly wasTaken?: boolean;
        readonly handle?: (update: Update) => Promise<void>;
      },
    ) => Promise<void>;
    readonly stop: () => void;
  }) => Promise<void>,
): Promise<void> {
  const telegram = await startTelegram({ limits: false });
  try {
    const ben = telegram.person({ id: 7, first_name: "Ben", started: true });
    const api = new Api(telegram.token, { apiRoot: telegram.url });
    await withFolder((dir) =>
      withKv(dir, async (kv) => {
        const open = () => createKvInbox(kv, parseUpdate);
        let life = new AbortController();
        const handled: (string | undefined)[] = [];
        await act({
          telegram,
          say: (words) => void ben.sendText(words),
          sendPart: (caption) => ben.sendPhoto(photo, { caption, mediaGroupId: "album" }),
          handled,
          left: async () => (await open().left(noPoison)).map(wordsOf),
          inInbox: async () =>
            (await Array.fromAsync(kv.list<{ json: Uint8Array }>({ prefix: ["inbox"] })))
              .map(({ value }) => wordsOf(parseUpdate(new TextDecoder().decode(value.json)))),
          stop: () => life.abort(),
          run(ready, { wasTaken = true, handle = () => Promise.resolve() } = {}) {
            life = new AbortController();
            const running = runUpdates({
              api,
              inbox: open(),
              async handle(update) {
                await handle(update);
                handled.push(wordsOf(update));
              },
              ending: life.signal,
              tellGivenUp: ({ update_id }) => noPoison(update_id),
              tellHeldUp: ({ update_id }) => noPoison(update_id),
              ready,
              wasTaken: () => Promise.resolve(wasTaken),
              pollRetryMs: 1,
            }, life.signal);
            running.catch(() => {}); // a test that fails does not wait for it
            return running;
          },
        });
      })
    );
  } finally {
    await telegram.stop();
  }
}

Deno.test("runUpdates() asks Telegram at once, and handles what comes in order when it is ready", () =>
  withLoop(async ({ telegram, say, handled, run, stop }) => {
    const ready = Promise.withResolvers<void>();
    const running = run(ready.promise);
    for (const words of ["one", "two", "three"]) {
      say(words);
      const polls = telegram.calls.filter(({ method }) => method === "getUpdates").length;
      await telegram.until(
        () => telegram.calls.filter(({ method }) => method === "getUpdates").length > polls,
        { what: "the next question for updates" },
      );
      assert.deepEqual(handled, []);
    }
    ready.resolve();
    await telegram.until(() => handled.length === 3, { what: "all are handled" });
    assert.deepEqual(handled, ["one", "two", "three"]);
    stop();
    await running;
  }));

Deno.test("runUpdates() keeps what has come when it never gets ready, and blames none of it", () =>
  withLoop(async ({ telegram, say, handled, left, run, stop }) => {
    const broken = Promise.withResolvers<void>();
    broken.promise.catch(() => {});
    const running = run(broken.promise);
    for (const words of ["one", "two", "three"]) say(words);
    const taken = () =>
      telegram.calls.some(({ method, params }) =>
        method === "getUpdates" && Number(params.offset) > 0
      );
    await telegram.until(taken, { what: "Telegram may forget them" });
    broken.reject(new Error("the queue cannot be read"));
    await telegram.until(async () => (await left()).length === 3, { what: "they are left" });
    stop();
    await running;
    // Three more starts that get as far: after two deaths a message that was being handled would be dropped.
    for (let start = 0; start < 3; start++) await assert.rejects(run(broken.promise));
    assert.deepEqual(handled, []);
    assert.deepEqual(await left(), ["one", "two", "three"]);
  }));

Deno.test("runUpdates() takes an album out of the inbox all at once, when each of it is handled", () =>
  withLoop(async ({ telegram, say, sendPart, handled, inInbox, run, stop }) => {
    const first = Promise.withResolvers<void>();
    const handle = (update: Update) =>
      wordsOf(update) === "first" ? first.promise : Promise.resolve();
    const running = run(Promise.resolve(), { handle });
    for (const part of ["first", "second"]) await sendPart(part);
    await telegram.until(() => handled.includes("second"), { what: "the second is handled" });
    say("later");
    await telegram.until(
      async () => handled.includes("later") && !(await inInbox()).includes("later"),
      { what: "what came later is out of the inbox" },
    );
    assert.deepEqual(await inInbox(), ["first", "second"]);
    first.resolve();
    await telegram.until(async () => (await inInbox()).length === 0, { what: "the album is, too" });
    stop();
    await running;
  }));

Deno.test("runUpdates() asks for the rest of an album of which a former process has left a part", () =>
  withLoop(async ({ telegram, sendPart, handled, inInbox, run, stop }) => {
    const broken = Promise.withResolvers<void>();
    broken.promise.catch(() => {});
    const former = run(broken.promise);
    await sendPart("first");
    await telegram.until(async () => (await inInbox()).length === 1, { what: "it is kept" });
    broken.reject(new Error("killed"));
    stop();
    await former;
    await sendPart("second");
    // As albums are gathered; a message that is handled apart would have the loop wait for longer.
    const rest = { what: "the rest comes", timeoutMs: 5_000 };
    const running = run(Promise.resolve(), {
      async handle(update) {
        if (wordsOf(update) === "first") {
          await telegram.until(() => handled.includes("second"), rest);
        }
      },
    });
    await telegram.until(async () => (await inInbox()).length === 0, { what: "all is handled" });
    assert.deepEqual(handled, ["second", "first"]);
    stop();
    await running;
  }));

Deno.test("runUpdates() asks again after trouble of every kind, and loses and repeats nothing", () =>
  withLoop(async ({ telegram, say, handled, left, run, stop }) => {
    const running = run(Promise.resolve());
    const troubles = [
      { kind: "500" },
      { kind: "502html" },
      { kind: "cut-before" },
      { kind: "cut-after" },
      { kind: "429", retryAfter: 1 },
      { kind: "refuse", code: 400, description: "Bad Request: something new" },
    ] as const;
    for (const [index, trouble] of troubles.entries()) {
      const fault = telegram.faults.add({ ...trouble, method: "getUpdates", times: 1 });
      say(`${index} a`);
      await telegram.until(() => fault.hits === 1, { what: trouble.kind });
      say(`${index} b`);
    }
    const all = troubles.flatMap((_, index) => [`${index} a`, `${index} b`]);
    await telegram.until(() => handled.length >= all.length, { what: "all are handled" });
    assert.deepEqual(handled, all);
    stop();
    await running;
    assert.deepEqual(await left(), []);
  }));

Deno.test("runUpdates() ends at an error that will not pass, and not when the token was right before", async () => {
  for (
    const [code, wasTaken] of [[401, false], [409, false], [409, true]] as const
  ) {
    await withLoop(async ({ telegram, run }) => {
      telegram.faults.add({ method: "getUpdates", kind: "refuse", code, description: "No" });
      await assert.rejects(run(Promise.resolve(), { wasTaken }), { error_code: code });
    });
  }
  await withLoop(async ({ telegram, run, stop }) => {
    const refusing = telegram.faults.add({
      method: "getUpdates",
      kind: "refuse",
      code: 401,
      description: "Unauthorized",
    });
    const running = run(Promise.resolve());
    await telegram.until(() => refusing.hits === 1, { what: "a refusal" });
    stop();
    await running;
  });
});
