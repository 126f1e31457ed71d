/** Where ComfyUI keeps its model files: asked of the simulated ComfyUI, and of servers that do not say. */
import assert from "node:assert/strict";
import { startComfyUI } from "../../lab/comfyui/mod.ts";
import { askModelFolders } from "../../src/comfyui/backend.ts";
import { ComfyUIConnectionError } from "../../src/lib/mod.ts";

const { signal } = new AbortController();
const ask = (url: string) => askModelFolders({ name: "gpu", url, headers: {} }, signal);

Deno.test("ComfyUI says where it looks for the files of each folder", async () => {
  for (const release of ["0.3.64", "0.33"] as const) {
    await using comfyui = await startComfyUI({ release, modelsDir: "/srv/models" });
    const folders = await ask(`http://${comfyui.host}:${comfyui.port}`);
    assert.deepEqual(folders["loras"], ["/srv/models/loras"]);
    assert.ok(folders["diffusion_models"]?.includes("/srv/models/diffusion_models"));
  }
});

Deno.test("a server that does not say, or says something else, is no reason to fail", async () => {
  const answers = [
    [() => new Response("404: Not Found", { status: 404 }), {}],
    [() => Response.json({ loras: ["/a"], vae: [1], checkpoints: null }), {
      loras: ["/a"],
      vae: [],
      checkpoints: [],
    }],
  ] as const;
  for (const [answer, wanted] of answers) {
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
    assert.deepEqual(await ask(`http://127.0.0.1:${server.addr.port}`), wanted);
  }
  await using page = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  );
  await assert.rejects(ask(`http://127.0.0.1:${page.addr.port}`), ComfyUIConnectionError);
});
