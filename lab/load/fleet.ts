/**
 * Several simulated ComfyUIs for one bot. Owns the part of config.yaml that names them, and what of their runs is counted.
 */
import type { ComfyOptions, RunRecord, SimulatedComfyUI } from "../comfyui/mod.ts";
import { startQuickComfyUI } from "../stage.ts";
import { openStand, type Stand, type StandOptions, untilStarted } from "./stand.ts";

/** A crowd before several ComfyUIs. */
export interface Fleet extends Stand {
  /** The first is the stage's. */
  readonly comfyuis: readonly SimulatedComfyUI[];
}

/** Starts `size` ComfyUIs with the same options, and a bot that has them all; `config` is added to its config.yaml. */
export async function openFleet(
  { size, config = "", ...options }: Omit<StandOptions, "start"> & {
    readonly size: number;
    readonly comfyui: ComfyOptions;
  },
): Promise<Fleet> {
  await using opened = new AsyncDisposableStack();
  const stand = opened.use(await openStand({ ...options, start: false }));
  const { stage } = stand;
  const others = Array.from(
    { length: size - 1 },
    () => startQuickComfyUI(options.comfyui),
  );
  const comfyuis = [stage.comfyui, ...await Promise.all(others)];
  for (const comfyui of comfyuis.slice(1)) opened.use(comfyui);
  const backends = comfyuis.map(({ host, port }, i) =>
    `    - { name: gpu${i}, host: ${host}, port: ${port} }\n`
  );
  await Deno.writeTextFile(
    `${stage.dir}/config.yaml`,
    `queue: { max_size: 20000 }\n${config}comfyui:\n  backends:\n${backends.join("")}`,
  );
  stage.start();
  await untilStarted(stage);
  const running = opened.move();
  return { ...stand, comfyuis, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** The runs of all, in the order in which they began. */
export function runsOf(comfyuis: readonly SimulatedComfyUI[]): readonly RunRecord[] {
  return comfyuis.flatMap(({ ran }) => ran).sort((a, b) => a.startedAt - b.startedAt);
}

/** Milliseconds from the first begin of a run to the last end. */
export function spanOf(comfyuis: readonly SimulatedComfyUI[]): number {
  const runs = runsOf(comfyuis);
  return Math.max(...runs.map(({ endedAt = NaN }) => endedAt)) - (runs[0]?.startedAt ?? NaN);
}

/** Resolves when so many runs have ended. */
export async function untilRan(
  comfyuis: readonly SimulatedComfyUI[],
  count: number,
  timeoutMs: number,
): Promise<void> {
  const ended = () => runsOf(comfyuis).filter(({ endedAt }) => endedAt !== undefined).length;
  const late = new AbortController();
  await Promise.race(
    comfyuis.map((comfyui) =>
      comfyui.until(() => late.signal.aborted || ended() >= count, {
        what: `${count} runs have ended`,
        timeoutMs,
      })
    ),
  ).finally(() => late.abort());
}
