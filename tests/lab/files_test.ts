import assert from "node:assert/strict";
import { filesUnder, readIfThere, replaceFile } from "../../lab/files.ts";

Deno.test("a folder is read while its folders come and go", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/stays`, "here");
    let isOver = false;
    const comeAndGo = (async () => {
      while (!isOver) {
        await Deno.mkdir(`${dir}/above/below`, { recursive: true });
        await Deno.writeTextFile(`${dir}/above/below/goes`, "");
        await Deno.remove(`${dir}/above`, { recursive: true });
      }
    })();
    const seen = new Set<string>();
    for (let times = 0; times < 1000 || seen.size < 2; times++) {
      for (const file of await filesUnder(dir)) seen.add(file);
    }
    isOver = true;
    await comeAndGo;
    assert.deepEqual([...seen].sort(), ["above/below/goes", "stays"]);
    assert.deepEqual(await readIfThere(`${dir}/above/below/goes`), undefined);
    assert.deepEqual(await readIfThere(`${dir}/stays`), new TextEncoder().encode("here"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a file is replaced while another reads it", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const texts = ["a", "b"].map((letter) => letter.repeat(100_000));
    await Deno.writeTextFile(`${dir}/file`, texts[0]!);
    let isOver = false;
    const replacing = (async () => {
      for (let times = 0; !isOver; times++) await replaceFile(`${dir}/file`, texts[times % 2]!);
    })();
    const seen = new Set<string>();
    for (let times = 0; times < 300 || seen.size < 2; times++) {
      seen.add(await Deno.readTextFile(`${dir}/file`));
    }
    isOver = true;
    await replacing;
    assert.deepEqual([...seen].sort(), texts);
    assert.deepEqual(await filesUnder(dir), ["file"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
