/** When ComfyUI told the bot that a run is over. */
import type { Stage } from "../stage.ts";

/** The frames that end a run; the last of them counts. */
const lastFrames = ["executing", "execution_success"];

export interface LastFrames extends Disposable {
  /** When the last frame of that prompt went out, in milliseconds since 1970; NaN where none did. */
  at(promptId: string): number;
}

/** Notes them until it is disposed of. */
export function noteLastFrames({ comfyui }: Stage): LastFrames {
  const sentAt = new Map<unknown, number>();
  const frames = comfyui.onFrame(({ type, data }) => {
    if (!lastFrames.includes(type) || typeof data !== "object" || data === null) return;
    if (!("prompt_id" in data)) return;
    if (type === "executing" && "node" in data && data.node !== null) return;
    sentAt.set(data.prompt_id, Date.now());
  });
  return {
    at: (promptId) => sentAt.get(promptId) ?? NaN,
    [Symbol.dispose]: () => frames[Symbol.dispose](),
  };
}
