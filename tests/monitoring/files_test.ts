/** What is shipped for Prometheus and Grafana, as Prometheus's own tools judge it. */
import assert from "node:assert/strict";
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
