/**
 * What Prometheus expects of every process (`process_*`), where Linux tells it. The library's own collection is for Node:
 * half of it measures nothing under Deno, and it takes 10 MB.
 *
 * Source of the names: Prometheus, "Writing client libraries", process metrics.
 */
import process from "node:process";
import { Counter, Gauge, type Registry } from "@prometheus-io/client";

/** Registers them. */
export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds.",
    registers,
  }).set(performance.timeOrigin / 1000);
  new Gauge({
    name: "process_open_fds",
    help: "Number of open file descriptors.",
    registers,
    async collect() {
      const open = await Array.fromAsync(Deno.readDir("/proc/self/fd")).catch(() => undefined);
      if (open) this.set(open.length);
    },
  });
  new Gauge({
    name: "process_max_fds",
    help: "Maximum number of open file descriptors.",
    registers,
    collect() {
      const most = maxOpenFiles();
      if (most !== undefined) this.set(most);
    },
  });
}

/** Linux, `resource.h`: the same on every architecture that Deno runs on. */
const RLIMIT_NOFILE = 7;
const RLIM_INFINITY = 2n ** 64n - 1n;

/** getrlimit(2); undefined where there is no limit, or no such call. /proc/self/limits has it too, but not for this program. */
function maxOpenFiles(): number | undefined {
  try {
    const libc = Deno.dlopen("libc.so.6", {
      getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
    });
    // `struct rlimit`: the soft limit, the hard limit.
    const limits = new BigUint64Array(2);
    const result = libc.symbols.getrlimit(RLIMIT_NOFILE, limits);
    libc.close();
    const [soft = RLIM_INFINITY] = limits;
    return result === 0 && soft !== RLIM_INFINITY ? Number(soft) : undefined;
  } catch {
    return undefined;
  }
}
