/** A machine on which `doctor` finds nothing wrong, to be broken by its tests. Holds no test. */
import assert from "node:assert/strict";
import { z } from "zod";
import {
  type ComfyOptions,
  modelsOf2025,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../../lab/comfyui/mod.ts";
import { startTelegram, type Telegram } from "../../../lab/telegram/mod.ts";
import { doctor, type DoctorDeps, type DoctorOptions } from "../../../src/cli/doctor/doctor.ts";
import { openBackends, probeBackendSocket } from "../../../src/comfyui/backend.ts";
import { isStateInUse } from "../../../src/kv/lock.ts";
import { probeHistory, probeState } from "../../../src/postgres/mod.ts";
import { openBucket } from "../../../src/s3/mod.ts";
import { probeTelegram } from "../../../src/telegram/api/probe.ts";
import { cli, type Folder, folder } from "../cli_fixture.ts";

/** A machine where everything is right. */
export interface Machine extends AsyncDisposable {
  readonly telegram: Telegram;
  readonly comfy: SimulatedComfyUI;
  readonly home: Folder;
  readonly env: Readonly<Record<string, string>>;
}

export async function machine(comfyOptions: ComfyOptions = {}): Promise<Machine> {
  await using parts = new AsyncDisposableStack();
  const telegram = parts.use(await startTelegram({ token: "1000:TEST-SECRET" }));
  const comfy = parts.use(await startComfyUI({ models: modelsOf2025, ...comfyOptions }));
  const home = parts.use(await folder({ ".env": "", "config.yaml": "" }));
  await Deno.chmod(`${home.path}/.env`, 0o600);
  const kept = parts.move();
  return {
    telegram,
    comfy,
    home,
    env: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      ADMIN_USER_IDS: "42",
      COMFYUI_HOST: comfy.host,
      COMFYUI_PORT: String(comfy.port),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const Report = z.strictObject({
  ok: z.boolean(),
  checks: z.array(z.strictObject({
    name: z.string(),
    status: z.enum(["ok", "warn", "fail"]),
    message: z.string(),
    todo: z.string().optional(),
  })),
});

/** Runs `doctor --json`; gives what is not ok, and the exit code. No report may hold the token. */
export async function examine(
  { home, env }: Pick<Machine, "home" | "env">,
  changes: Readonly<Record<string, string>> = {},
) {
  const end = await cli(["doctor", "--json"], { cwd: home.path, env: { ...env, ...changes } });
  assert.doesNotMatch(end.out + end.err, /TEST-SECRET/);
  const { ok, checks } = Report.parse(JSON.parse(end.out));
  assert.equal(end.code, ok ? 0 : 1);
  return {
    ok,
    checks,
    // Whether the bot is installed on the host that the tests run on is none of their business.
    troubles: checks.filter(({ name, status }) => status !== "ok" && name !== "service")
      .map(({ name }) => name),
    named(name: string) {
      const check = checks.find((each) => each.name === name);
      assert.ok(check, `there is no check ${name}`);
      return check;
    },
  };
}

export const allChecks = [
  "config",
  "token",
  "ComfyUI",
  "templates",
  "template qwen_image_2_1",
  "template qwen_image_2_1_turbo",
  "template qwen_image_edit_2511",
  "template qwen_image_edit",
  "template qwen_image_edit_core",
  "template qwen_image_edit_2509",
  "template flux2_klein_4b",
  "template flux1_kontext",
  "template upscale",
  "template upscale_simple",
  "DATA_DIR",
  "LOGS_DIR",
  "disk",
  "instance",
  "admins",
  ".env",
  "firewall",
  "service",
  "clock",
];

/** doctor with other parts than the command line gives it. */
export async function examineWith(
  { home, env }: Machine,
  deps: Partial<DoctorDeps>,
  options: Partial<DoctorOptions> = {},
) {
  const { checks } = await doctor(
    {
      now: Date.now,
      openBackends,
      probeSocket: probeBackendSocket,
      probeTelegram,
      isStateInUse,
      probeState: (url) => probeState(url.reveal()),
      probeHistory: (url) => probeHistory(url.reveal()),
      openBucket: (bucket) => Promise.resolve(openBucket(bucket)),
      inspectQueue: () => Promise.reject(new Error("there is no queue")),
      probeService: () => Promise.resolve({ type: "absent" }),
      ...deps,
    },
    { dir: home.path, env, paint: (_colour, text) => text, ...options },
    new AbortController().signal,
  );
  return new Map(checks.map((check) => [check.name, check]));
}
