/** Job records of many users, made here and not sent: for figures about a long queue. */
import { seededRandom } from "../lab/load/statistics.ts";
import type { JobRequest } from "../src/jobs/job.ts";

/** A request as a photo with a caption makes one. `userId` is its private chat too; `file` is its picture. */
export function requestOf(
  index: number,
  { userId, file }: { readonly userId: number; readonly file: string },
): JobRequest {
  return {
    id: `w${index.toString(36)}`,
    origin: {
      userId,
      chatId: userId,
      isPrivate: true,
      messageId: index + 1,
      language: index % 2 === 0 ? "en" : "ru",
    },
    promptText: `сделай ночь, добавь фонари и дождь, ${index}`,
    template: "qwen_image_edit",
    params: {
      steps: 8,
      cfg: 1,
      sampler: "linear/euler",
      scheduler: "simple",
      seed: Math.floor(seededRandom(index)() * 2 ** 32),
      strength: 0.5,
      eta: 0.5,
      denoise: 1,
      negative_prompt: "",
    },
    pictures: [{
      file,
      fileId: "AgACAgIAAxkBAAIBY2Y0".repeat(4),
      mime: "image/jpeg",
      width: 1024,
      height: 768,
      asFile: false,
    }],
    delivery: "auto",
    given: ["steps"],
  };
}
