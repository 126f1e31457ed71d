/**
 * Two hosts on this machine: network namespaces, of which the worker's is behind a router with NAT. They have no names, so that
 * nothing of them is left when the test has ended, however it did. The bot's host has a firewall that leaves packets without a
 * connection unanswered. Needs Linux, root, `ip` and `nft`.
 *
 *   bot 203.0.113.1 ──── 203.0.113.2 router 192.168.77.1 ──── worker 192.168.77.2
 */

export type Host = "bot" | "worker";

export interface TwoHosts extends Disposable {
  /** Where the worker reaches what listens on the bot's host. Nothing reaches the worker's from there. */
  readonly botAddress: string;
  readonly workerAddress: string;
  /** Where the worker seems to be, for the bot's host. */
  outerAddress(): string;
  /** From here on, what this thread opens and starts is on that host, with a loopback of its own. */
  enter(host: Host): void;
  /** Takes the cable out of the worker's host: no connection is told. */
  cut(): void;
  /** Puts it back. The router has another outer address then, as a home's has each day: what was connected stays silent. */
  join(): void;
}

const botAddress = "203.0.113.1";
const workerAddress = "192.168.77.2";
const newNetwork = 0x40000000; // CLONE_NEWNET, linux/sched.h
const readOnlyUntilExec = 0o2000000; // O_RDONLY | O_CLOEXEC

const calls = {
  unshare: { parameters: ["i32"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** Disposing brings this thread back to the host that it was on. */
export function openTwoHosts(): TwoHosts {
  using stack = new DisposableStack();
  const { symbols: libc } = stack.adopt(Deno.dlopen("libc.so.6", calls), (libc) => libc.close());

  function must(result: number, what: string): number {
    if (result < 0) throw new Error(`Cannot ${what}: the system refuses`);
    return result;
  }
  const enter = (network: number) => void must(libc.setns(network, newNetwork), "enter a network");
  const current = () =>
    stack.adopt(
      must(
        libc.open(new TextEncoder().encode("/proc/thread-self/ns/net\0"), readOnlyUntilExec),
        "name a network",
      ),
      (network) => void libc.close(network),
    );
  function create(): number {
    must(libc.unshare(newNetwork), "make a network");
    run("ip link set lo up");
    return current();
  }
  const pathOf = (network: number) => `/proc/${Deno.pid}/fd/${network}`;

  const home = current();
  stack.defer(() => enter(home));
  const networks = { bot: create(), worker: create() };
  const router = create();
  Deno.writeTextFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  run(`ip link add outer type veth peer name eth0 netns ${pathOf(networks.bot)}`);
  run(`ip link add inner type veth peer name eth0 netns ${pathOf(networks.worker)}`);
  let host = 2;
  const outerAddress = () => `203.0.113.${host}`;
  run(`ip addr add ${outerAddress()}/24 dev outer`);
  run("ip addr add 192.168.77.1/24 dev inner");
  run("ip link set outer up");
  run("ip link set inner up");
  run("nft add table ip nat");
  run("nft add chain ip nat out { type nat hook postrouting priority 100 ; }");
  run("nft add rule ip nat out oifname outer masquerade");
  enter(networks.bot);
  run(`ip addr add ${botAddress}/24 dev eth0`);
  run("ip link set eth0 up");
  run("nft add table ip filter");
  run("nft add chain ip filter in { type filter hook input priority 0 ; }");
  run(
    "nft add rule ip filter in iifname eth0 tcp flags & (syn|ack) != syn ct state new,invalid drop",
  );
  enter(networks.worker);
  run(`ip addr add ${workerAddress}/24 dev eth0`);
  run("ip link set eth0 up");
  run("ip route add default via 192.168.77.1");
  let where = networks.worker;

  function onRouter(...commands: readonly string[]): void {
    enter(router);
    try {
      commands.forEach(run);
    } finally {
      enter(where);
    }
  }

  const all = stack.move();
  return {
    botAddress,
    workerAddress,
    outerAddress,
    enter(host) {
      where = networks[host];
      enter(where);
    },
    cut: () => onRouter("ip link set inner down"),
    join: () =>
      onRouter(
        `ip addr del ${outerAddress()}/24 dev outer`,
        `ip addr add 203.0.113.${++host}/24 dev outer`,
        "ip link set inner up",
      ),
    [Symbol.dispose]: () => all.dispose(),
  };
}

/** True where the machine allows it; says so once where it does not. */
export function canHaveTwoHosts(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) {
    console.warn("Tests of two hosts are left out: only Linux has network namespaces, for root");
    return false;
  }
  try {
    openTwoHosts()[Symbol.dispose]();
    return true;
  } catch (error) {
    console.warn(
      `Tests of two hosts are left out: ${error instanceof Error ? error.message : error}`,
    );
    return false;
  }
}

function run(line: string): void {
  const [program = "", ...args] = line.split(" ");
  const { success, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  if (!success) throw new Error(`Cannot run ${line}: ${new TextDecoder().decode(stderr)}`);
}
