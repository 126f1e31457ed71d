/**
 * The metrics that Prometheus expects of every process (`process_*`), where Linux has them. The library's own collection is for Node:
 * half of it measures nothing under Deno, and it takes 10 MB.
 *
 * Source of the names: Prometheus, "Writing client libraries", process metrics.
 */
import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import process from "node:process";

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
    collect() {
      const open = openFiles();
      if (open !== undefined) this.set(open);
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

/** getrlimit(2); undefined where there is no limit, or no such call. */
function maxOpenFiles(): number | undefined {
  return askLibc({ getrlimit: { parameters: ["i32", "buffer"], result: "i32" } }, (libc) => {
    // `struct rlimit`: the soft limit, the hard limit.
    const limits = new BigUint64Array(2);
    const result = libc.getrlimit(RLIMIT_NOFILE, limits);
    const [soft = RLIM_INFINITY] = limits;
    return result === 0 && soft !== RLIM_INFINITY ? Number(soft) : undefined;
  });
}

/** opendir(3) and readdir(3) on /proc/self/fd; undefined where there is no such folder. */
function openFiles(): number | undefined {
  const calls = {
    opendir: { parameters: ["buffer"], result: "pointer" },
    readdir: { parameters: ["pointer"], result: "pointer" },
    closedir: { parameters: ["pointer"], result: "i32" },
  } as const;
  return askLibc(calls, (libc) => {
    const folder = libc.opendir(new TextEncoder().encode("/proc/self/fd\0"));
    if (folder === null) return undefined;
    let entries = 0;
    while (libc.readdir(folder) !== null) entries += 1;
    libc.closedir(folder);
    // Less `.`, `..` and the folder itself.
    return entries - 3;
  });
}

/** Asks the C library: /proc/self is closed to this program. Undefined where there is none. */
function askLibc<const Calls extends Deno.ForeignLibraryInterface, Answer>(
  calls: Calls,
  question: (libc: Deno.StaticForeignLibraryInterface<Calls>) => Answer,
): Answer | undefined {
  try {
    const libc = Deno.dlopen("libc.so.6", calls);
    try {
      return question(libc.symbols);
    } finally {
      libc.close();
    }
  } catch {
    return undefined;
  }
}
