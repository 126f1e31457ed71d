/** The pictures of an example: one to try an edit with, and its before and after. Drawn for this project; they lie beside the program. */

const fileOf = (name: string) => new URL(`../../../pictures/${name}`, import.meta.url);

/** A house under a blue sky, a JPEG of 1024 × 768. */
export async function samplePicture(): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(fileOf("sample.jpg"));
}

/** It, and what it looks like on a winter night, beside each other: a JPEG of 1608 × 600. */
export async function sampleBeforeAfter(): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(fileOf("sample_before_after.jpg"));
}
