/**
 * `deno task compile`: builds one executable, dist/image-edit-bot, from main.ts, the runtime and every file that it reads.
 *
 * Packed files stay in memory while the program runs, so parts of packages that are never loaded are left out: sources beside
 * their builds, tests, old versions of an API.
 */
import { permissions } from "./permissions.ts";

/** Parts of packages that nothing here imports, as `package/folder`. */
const leftOut = [
  "@jsquash/webp/codec/enc",
  "bintrees/test",
  "yaml/browser",
  "zod/src",
  "zod/v3",
];
/** Packages that only tests and the demo use. */
const testPackages = ["fast-check", "imagescript", "playwright-core", "pure-rand"];
/** Files that main.ts reads besides its modules, and the module of a Worker. */
const included = [
  "workflows",
  "config.yaml",
  ".env.example",
  "systemd",
  "src/images/drawing/drawing_worker.ts",
];

const installed = "node_modules/.deno";

async function deno(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args,
    // `deno compile` of Deno 2.6 overflows a thread's stack with a dependency tree of this size.
    env: { RUST_MIN_STACK: String(32 * 1024 * 1024) },
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

/** The folders of the lists above as they are installed: `node_modules/.deno/zod@4.6.7/node_modules/zod/src`. */
function* excluded(): Generator<string> {
  for (const { name } of Deno.readDirSync(installed)) {
    const packageName = name.slice(0, name.lastIndexOf("@"));
    if (testPackages.includes(packageName)) yield `${installed}/${name}`;
    for (const part of leftOut) {
      if (part.startsWith(`${packageName}/`)) yield `${installed}/${name}/node_modules/${part}`;
    }
  }
  for (const name of testPackages) yield `node_modules/${name}`;
}

const locked = ["--frozen", "--node-modules-dir=auto"];
await deno("install", "--quiet", ...locked);
await deno(
  "compile",
  ...locked,
  ...permissions,
  "--no-check",
  // A few milliseconds slower, and 60 MB smaller at rest.
  "--v8-flags=--optimize-for-size",
  ...included.flatMap((path) => ["--include", path]),
  ...[...excluded()].flatMap((path) => ["--exclude", path]),
  "--output",
  "dist/image-edit-bot",
  "main.ts",
);
