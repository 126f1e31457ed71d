/** What is shipped for Prometheus and Grafana, as Prometheus's own tools judge it. */
import assert from "node:assert/strict";
import { z } from "zod";
import { hasPrometheus, promtool } from "./scrape.ts";

const cwd = new URL("../../monitoring/", import.meta.url);
const ignore = !await hasPrometheus();

for (
  const args of [
    ["check", "config", "prometheus.yaml"],
    ["check", "rules", "--lint-fatal", "alerts.yaml"],
    ["test", "rules", "alerts_test.yaml"],
  ]
) {
  Deno.test({
    name: `promtool ${args.join(" ")}`,
    ignore,
    async fn() {
      const { code, output } = await promtool(args, { cwd });
      assert.equal(code, 0, output);
    },
  });
}

Deno.test({
  name: "promtool test rules finds it when an alert fires too late",
  ignore,
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      const alerts = await Deno.readTextFile(new URL("alerts.yaml", cwd));
      await Deno.writeTextFile(`${dir}/alerts.yaml`, alerts.replaceAll("for: 5m", "for: 50m"));
      await Deno.copyFile(new URL("alerts_test.yaml", cwd), `${dir}/alerts_test.yaml`);
      const { code, output } = await promtool(["test", "rules", `${dir}/alerts_test.yaml`]);
      assert.equal(code, 1);
      assert.match(output, /ImageEditBotComfyUIDown/);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test("every alert is tested to fire", async () => {
  const named = async (file: string, key: string) =>
    new Set(
      [...(await Deno.readTextFile(new URL(file, cwd))).matchAll(
        new RegExp(`- ${key}: (\\w+)`, "g"),
      )].map(([, name]) => name),
    );
  assert.deepEqual(
    await named("alerts_test.yaml", "alertname"),
    await named("alerts.yaml", "alert"),
  );
});

const Dashboard = z.object({
  panels: z.array(z.object({
    id: z.number(),
    type: z.string(),
    title: z.string().min(1),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    targets: z.array(z.object({ expr: z.string().min(1), legendFormat: z.string() })).optional(),
  })),
});

Deno.test("the dashboard's panels lie beside each other, and each asks for something of that bot", async () => {
  const text = await Deno.readTextFile(new URL("grafana-dashboard.json", cwd));
  const { panels } = Dashboard.parse(JSON.parse(text));
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + i % w},${y + Math.floor(i / w)}`)
  );
  assert.equal(new Set(places).size, places.length, "two panels are in one place");
  assert.ok(places.every((place) => Number(place.split(",")[0]) < 24));
  for (const { type, title, targets = [] } of panels) {
    assert.equal(targets.length > 0, type !== "row", title);
    assert.ok(targets.every(({ expr }) => expr.includes("$instance")), title);
  }
});
