/**
 * The demo as a visitor sees it: the page in a real browser, the real bot, the emulated Telegram, the simulated ComfyUI.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import { type BotState, startBot } from "../../demo/bot_process.ts";
import { type Demo, parseOptions, startDemo } from "../../demo/main.ts";
import { pictureType } from "../../demo/server/files.ts";
import { patienceMs, until } from "../../lab/until.ts";

const CHROMIUM = "/usr/bin/chromium";
const picture = (name: string) =>
  Deno.readFileSync(new URL(`../../lab/photos/${name}.jpg`, import.meta.url));

/** True where Chromium is installed; otherwise the tests are reported as ignored. */
function hasBrowser(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch {
    return false;
  }
}

Deno.test("servePage() refuses when another site asks, and gives no other file", async () => {
  const demo = await startDemo({ port: 0 });
  try {
    const stranger = await fetch(`${demo.url}api/press`, {
      method: "POST",
      body: "{}",
      headers: { origin: "https://example.org" },
    });
    assert.equal(stranger.status, 403);
    await stranger.body?.cancel();
    const outside = await fetch(`${demo.url}page/..%2Fmain.ts`);
    assert.equal(outside.status, 404);
    await outside.body?.cancel();
  } finally {
    await demo.stop();
  }
});

Deno.test("parseOptions() reads what is there and refuses what is not right", () => {
  assert.deepEqual(parseOptions(["--port", "0", "--speed", "2", "--old-telegram"]), {
    port: 0,
    speed: 2,
    oldTelegram: true,
  });
  assert.equal(parseOptions(["--help"]), undefined);
  assert.throws(() => parseOptions(["--port", "seventy"]), /Cannot take --port seventy/);
  assert.throws(() => parseOptions(["--unknown"]));
});

Deno.test("pictureType() is undefined when the bytes are no picture that browsers show", () => {
  assert.equal(pictureType(picture("cat")), "image/jpeg");
  assert.equal(pictureType(new TextEncoder().encode("<svg onload=alert(1)>")), undefined);
  assert.equal(pictureType(new Uint8Array()), undefined);
});

Deno.test("startBot() starts the program again when it was killed, and never after stop()", async () => {
  const states: BotState[] = [];
  const restarted = Promise.withResolvers<void>();
  const bot = startBot({
    path: Deno.execPath(),
    args: ["eval", "setInterval(() => {}, 1000)"],
    cwd: Deno.cwd(),
    env: {},
  }, {
    restartMs: 1,
    onState: (state) => {
      states.push(state);
      if (state === "running") restarted.resolve();
    },
  });
  bot.kill();
  await restarted.promise;
  assert.equal(bot.restarts, 1);
  await bot.stop();
  assert.deepEqual(states, ["waiting", "running", "stopped"]);
});

Deno.test("startBot() gives up when the program dies at once, and keeps its last words", async () => {
  const failed = Promise.withResolvers<void>();
  const bot = startBot({
    path: Deno.execPath(),
    args: ["eval", "console.error('no token'); Deno.exit(2)"],
    cwd: Deno.cwd(),
    env: {},
  }, {
    restartMs: 1,
    // Starting the runtime takes as long as it takes.
    quickMs: patienceMs,
    onState: (state) => state === "failed" && failed.resolve(),
  });
  await failed.promise;
  assert.deepEqual([...bot.output], ["no token", "no token", "no token"]);
  await bot.stop();
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`the demo stops the bot and ends in order at ${signal}`, async () => {
    const demo = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "demo/main.ts", "--port", "0"],
      stdout: "piped",
    }).spawn();
    let output = "";
    for await (const text of demo.stdout.pipeThrough(new TextDecoderStream())) {
      if (output === "") demo.kill(signal);
      output += text;
    }
    assert.equal((await demo.status).code, 0);
    assert.match(output, /^Open http[^]*\nStopping…\n$/);
  });
}

/** The browser of all tests from here on: each has a context of its own, with nothing of the others in it. */
let browser: Promise<Browser> | undefined;
Deno.test.afterAll(async () => (await browser)?.close());

function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    timeout: patienceMs,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

type Scenario = (page: Page, demo: Demo) => Promise<void>;

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** Runs a scenario on a fresh page; fails where the page logged an error or something was thrown in it. */
async function onPage(scenario: Scenario, viewport: typeof desktop): Promise<void> {
  const demo = await startDemo({ port: 0, speed: 20 });
  try {
    browser ??= openBrowser();
    const page = await (await browser).newPage({ viewport, locale: "en-GB" });
    try {
      page.setDefaultTimeout(patienceMs);
      const errors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(demo.url);
      await page.getByRole("heading", { name: "Image Edit", exact: true }).waitFor();
      await scenario(page, demo);
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  } finally {
    await demo.stop();
  }
}

/** Writes words and sends them. */
async function say(page: Page, words: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(words);
  await page.keyboard.press("Enter");
  await page.locator(".unit.out .text", { hasText: words }).waitFor();
}

/** Calls the emulated Bot API with the bot's own token. */
async function asBot({ telegram }: Demo, method: string, params: unknown): Promise<void> {
  const response = await fetch(`${telegram.url}/bot${telegram.token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(params),
  });
  assert.equal(response.status, 200, await response.text());
}

const browserTest = (name: string, scenario: Scenario, viewport = desktop) =>
  Deno.test({
    name,
    ignore: !hasBrowser(),
    // The browser's driver keeps a process and timers of its own.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => onPage(scenario, viewport),
  });

browserTest(
  "the page shows status and result when a sample is sent with a caption",
  async (page, demo) => {
    await page.getByRole("button", { name: "Samples: Landscape" }).click();
    await page.locator("#attached img").waitFor();
    await page.getByLabel("Message", { exact: true }).fill("make it night steps=50");
    await page.getByRole("button", { name: "Send", exact: true }).click();

    await page.locator(".unit.out .photo img").waitFor();
    await page.locator(".unit.out .text", { hasText: "make it night steps=50" }).waitFor();
    // The status comes before the result: a message or a draft without a picture.
    await page.locator(".unit.in .bubble:not(.with-media)").first().waitFor();
    // Pictures before it are previews.
    const result = page.locator(".unit.in", { hasText: /seed \d/ }).locator(".photo img").last();
    await result.waitFor();
    // Rejects where it is no picture. Not waitForFunction(), which the page's policy forbids to look a second time.
    await result.evaluate((image: { decode?(): Promise<void> }) => image.decode!());
    assert.ok(demo.comfyui.ran.some((run) => run.outcome === "success"));
    await page.locator(".ended li", { hasText: "make it night" }).waitFor();
  },
);

/** Makes the list of messages 600 px longer, and scrolls in the same frame, as a picture that has just loaded does. */
function growAndScroll(page: Page): Promise<void> {
  return page.evaluate(`
    const grown = Object.assign(document.createElement("li"), { style: "height: 600px" });
    document.getElementById("messages").append(grown);
    document.getElementById("scroller").dispatchEvent(new Event("scroll"));
  `);
}

browserTest(
  "a phone stays at the end of a chat that grows, until it is scrolled up",
  async (page) => {
    const scroller = page.locator("#scroller");
    const below = () =>
      scroller.evaluate((
        { scrollHeight, scrollTop, clientHeight }: Record<string, number>,
      ) => scrollHeight! - scrollTop! - clientHeight!);
    for (const lines of [30, 31]) await say(page, "winter ".repeat(lines * 5).trim());
    await until("the end in view", async () => await below() < 2);

    await growAndScroll(page);
    await until("the new end in view", async () => await below() < 2);

    await scroller.hover();
    await page.mouse.wheel(0, -300);
    await until("the chat scrolled up", async () => await below() > 250);
    const before = await below();
    await growAndScroll(page);
    await until("the longer list", async () => await below() >= before + 590);
  },
  phone,
);

browserTest("the bot speaks the language of the page", async (page, demo) => {
  await say(page, "/start");
  await page.locator(".unit.in", { hasText: "Send me a picture" }).waitFor();
  await page.getByRole("button", { name: "RU", exact: true }).click();
  const anna = demo.telegram.person({ id: 501, first_name: "Anna" });
  await demo.telegram.until(
    () => demo.telegram.commands(anna).some(({ description }) => /Помощь/.test(description)),
    { what: "the command menu in Russian" },
  );
  await page.getByLabel("Сообщение", { exact: true }).fill("/help");
  await page.keyboard.press("Enter");
  await page.locator(".unit.in", { hasText: "Пришлите фото" }).waitFor();
});

browserTest("a pressed button changes its message when the bot answers it", async (page, demo) => {
  await page.getByLabel("Message", { exact: true }).fill("/settings");
  await page.keyboard.press("Enter");
  const keyboard = page.locator(".unit.in .keyboard").last();
  await keyboard.waitFor();
  const before = await page.locator(".unit.in").last().textContent() ?? "";
  await keyboard.locator("button.key").nth(1).click();
  await page.locator(".unit.in").last().filter({ hasNotText: before }).waitFor();
  const answered = await demo.telegram.until(
    () => demo.telegram.calls.find((call) => call.method === "answerCallbackQuery"),
    { what: "the answer to the press" },
  );
  assert.equal(answered.ok, true);
});

browserTest(
  "a picture gets another format on a phone, and the result is cut out",
  async (page) => {
    const key = (label: string) =>
      page.locator(".unit.in .keyboard button.key", { hasText: label }).last();
    await page.getByRole("button", { name: "Samples: Landscape" }).click();
    await page.locator("#attached img").waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await key("1:1").click();
    const result = page.locator(".unit.in", { hasText: /Another format: 1:1\s+seed/ }).last();
    const sides = await result.locator(".photo img").last().evaluate(
      async (image: { decode?(): Promise<void>; naturalWidth: number; naturalHeight: number }) => {
        await image.decode!();
        return [image.naturalWidth, image.naturalHeight];
      },
    );
    assert.equal(sides[0], sides[1]);
    await key("More ›").click();
    await key("Cut out").click();
    await page.locator(".unit.in", { hasText: /image-edit-\w+\.png[^]*Remove the background/ })
      .waitFor();
  },
  phone,
);

browserTest("an album and a file arrive when another user sends them", async (page, demo) => {
  await page.getByRole("button", { name: "Ben" }).click();
  const files = ["cat", "still_life"].map((name) => ({
    name: `${name}.jpg`,
    mimeType: "image/jpeg",
    buffer: Buffer.from(picture(name)),
  }));
  await page.locator("#pick-photos").setInputFiles(files);
  await page.locator("#attached img").nth(1).waitFor();
  await page.getByLabel("Message", { exact: true }).fill("put the cat beside the vase");
  await page.keyboard.press("Enter");
  await page.locator(".unit.out .album .photo").nth(1).waitFor();

  await page.locator("#pick-files").setInputFiles(files.slice(0, 1));
  await page.locator(".waiting-file", { hasText: "cat.jpg" }).waitFor();
  await page.keyboard.press("Enter");
  const file = page.locator(".unit.out .file");
  await file.waitFor();
  assert.match(await file.innerText(), /cat\.jpg\s+5\d(\.\d)? KB/);

  const sent = demo.telegram.messages(502).filter((message) => message.from?.id === 502);
  assert.equal(sent.filter((message) => message.photo && message.media_group_id).length, 2);
  const document = sent.find((message) => message.document)?.document;
  assert.ok(document?.thumbnail, "the page made a thumbnail");
  assert.deepEqual(await demo.telegram.file(document.file_id), picture("cat"));
  assert.equal(demo.telegram.messages(501).length, 0);
});

browserTest(
  "the composer answers a message when the bot asks with force_reply",
  async (page, demo) => {
    await say(page, "hello");
    await page.locator(".unit.in").waitFor();
    await asBot(demo, "sendMessage", {
      chat_id: 501,
      text: "How many steps?",
      reply_markup: { force_reply: true, input_field_placeholder: "1 to 50" },
    });
    await page.locator("#context", { hasText: "How many steps?" }).waitFor();
    const field = page.getByLabel("Message", { exact: true });
    assert.equal(await field.getAttribute("placeholder"), "1 to 50");
    await page.keyboard.type("12");
    await page.keyboard.press("Enter");
    await page.locator(".unit.out .quote", { hasText: "How many steps?" }).waitFor();
  },
);

browserTest("a draft goes when Stop is pressed", async (page, demo) => {
  await say(page, "hello");
  await page.locator(".unit.in").waitFor();
  const draft = { chat_id: 501, draft_id: 7, text: "Step 3 of 8", can_stop: true };
  await asBot(demo, "sendMessageDraft", draft);
  await page.locator(".draft", { hasText: "Step 3 of 8" }).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  // Long before it would have gone by itself.
  await demo.telegram.until(() => demo.telegram.draft(501) === undefined, {
    what: "the end of the draft",
    timeoutMs: 20_000,
  });
  await page.locator(".draft").waitFor({ state: "detached" });
});

browserTest(
  "the last message is changed when the arrow up is pressed in an empty field",
  async (page, demo) => {
    await say(page, "helo");
    await page.keyboard.press("ArrowUp");
    await page.locator("#context", { hasText: "helo" }).waitFor();
    await page.getByLabel("Message", { exact: true }).fill("hello");
    await page.keyboard.press("Enter");
    await page.locator(".unit.out .meta", { hasText: "edited" }).waitFor();
    const own = demo.telegram.messages(501).filter((message) => message.from?.id === 501);
    assert.deepEqual(own.map((message) => message.text), ["hello"]);
  },
);

browserTest("words stay words when they look like HTML", async (page) => {
  await say(page, "<img src=x onerror=alert(1)> & <b>bold</b>");
  assert.equal(await page.locator(".text img, .text b").count(), 0);
});

browserTest("ComfyUI dies and comes back when the visitor says so", async (page, demo) => {
  const death = page.getByRole("switch", { name: "Switch ComfyUI off" });
  await death.click();
  await page.locator("#behind .chip", { hasText: "does not answer" }).waitFor();
  await assert.rejects(fetch(`${demo.comfyui.url}/queue`));
  await death.click();
  await page.locator("#behind .chip", { hasText: "running" }).waitFor();
  assert.equal((await fetch(`${demo.comfyui.url}/queue`)).status, 200);
});

browserTest("the page speaks Russian when it is asked to", async (page) => {
  await page.getByRole("button", { name: "RU", exact: true }).click();
  await page.getByText("Демо: ИИ здесь не работает.").waitFor();
  assert.equal(
    await page.getByLabel("Сообщение", { exact: true }).getAttribute("placeholder"),
    "Сообщение",
  );
  assert.equal(await page.locator("html").getAttribute("lang"), "ru");
});
