/**
 * `deno task compile`: builds one executable, dist/image-edit-bot, from main.ts, the runtime and every file that it reads.
 *
 * Packed files stay in memory while the program runs, so parts of packages that are never loaded are left out: sources beside
 * their builds, tests, old versions of an API.
 */
import { permissions } from "./permissions.ts";

/** Parts of packages that nothing here imports, as `package/folder`. */
const leftOut = [
  "@jsquash/avif/codec/enc",
  "@jsquash/jpeg/codec/enc",
  "@jsquash/webp/codec/enc",
  "bintrees/test",
  "libheif-js/libheif",
  "libheif-js/libheif-wasm/libheif-bundle.js",
  "libheif-js/libheif-wasm/libheif-bundle.mjs",
  "bullmq/dist/esm",
  "luxon/build/amd",
  "luxon/build/cjs-browser",
  "luxon/build/es6",
  "luxon/build/global",
  "yaml/browser",
  "zod/src",
  "zod/v3",
  "zod/v4/mini",
];
/** Packages that only tests, the demo and other builds of our packages use: `grammy/web` and `s3mini` use the runtime's fetch. */
const unused = [
  ...["fast-check", "imagescript", "playwright-core", "pure-rand"],
  ...["@grammyjs+types", "abort-controller", "event-target-shim", "node-fetch", "tr46"],
  ...["webidl-conversions", "whatwg-url"],
  // What makes msgpackr, a part of BullMQ, faster.
  ...["@msgpackr-extract+msgpackr-extract-linux-x64", "detect-libc", "msgpackr-extract"],
  "node-gyp-build-optional-packages",
];
/** Packages with two builds of everything, of which the one for `require` is left out. */
const builtTwice = ["@logtape+file", "@logtape+logtape", "zod"];
/** What people and compilers read. */
const papers = /\.(d\.[cm]?ts|map|md|markdown)$|(^|\/)(LICENSE|CHANGELOG|README)[^/]*$/;
/** Files that main.ts reads besides its modules, and the module of a Worker. */
const included = [
  "workflows",
  "config.yaml",
  "pictures",
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

/** The folders and files that the lists above mean, as they are installed: `node_modules/.deno/zod@4.6.7/node_modules/zod/src`. */
function* excluded(): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(installed)) {
    if (!isDirectory) continue;
    const packageName = name.slice(0, name.lastIndexOf("@"));
    const folder = `${installed}/${name}`;
    if (unused.includes(packageName)) {
      yield folder;
      continue;
    }
    for (const part of leftOut) {
      if (part.startsWith(`${packageName.replace("+", "/")}/`)) {
        yield `${folder}/node_modules/${part}`;
      }
    }
    const isTwice = builtTwice.includes(packageName);
    yield* filesBelow(folder).filter((file) => papers.test(file) || isTwice && /\.cjs$/.test(file));
  }
  for (const name of unused) yield `node_modules/${name.replace("+", "/")}`;
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : isFile ? [path] : [];
  });
}

const locked = ["--frozen", "--node-modules-dir=auto"];
await deno("install", "--quiet", ...locked);
await deno(
  "compile",
  ...locked,
  ...permissions,
  "--no-check",
  // A few milliseconds slower, and 60 MB smaller at rest; `gc` is called when no job is left.
  "--v8-flags=--optimize-for-size,--expose-gc",
  ...included.flatMap((path) => ["--include", path]),
  ...[...excluded()].flatMap((path) => ["--exclude", path]),
  "--output",
  "dist/image-edit-bot",
  "main.ts",
);
