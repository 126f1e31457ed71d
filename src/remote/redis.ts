/** The engine on Redis or Valkey. Owns its keys: all begin with `image-edit-bot:`. */
import { Queue, QueueEvents, Worker } from "bullmq";
import { Redis } from "ioredis";
import { Buffer } from "node:buffer";
import { createChain, messageOf } from "../lib/mod.ts";
import { type Engine, pictureMs, prefix, queueOptions, quiet, workerOptions } from "./engine.ts";

const namesKey = `${prefix}:workers`;
const workerKey = (name: string) => `${prefix}:worker:${name}`;
const fileKey = (key: string) => `${prefix}:file:${key}`;

/** KEYS: the worker's, the set of names. ARGV: instance, announcement, milliseconds, name. 1 where it is set. */
const announceScript = `
local current = redis.call("get", KEYS[1])
if current and cjson.decode(current).instance ~= ARGV[1] then return 0 end
redis.call("set", KEYS[1], ARGV[2], "px", ARGV[3])
redis.call("sadd", KEYS[2], ARGV[4])
return 1`;
/** KEYS: the worker's. ARGV: instance. */
const withdrawScript = `
local current = redis.call("get", KEYS[1])
if current and cjson.decode(current).instance == ARGV[1] then redis.call("del", KEYS[1]) end`;

/** KEYS: a picture's. ARGV: its length by now, a piece. Its length with the piece; nothing is done where it is not as long. */
const appendScript = `
local length = redis.call("strlen", KEYS[1])
if length ~= tonumber(ARGV[1]) then return length end
return redis.call("append", KEYS[1], ARGV[2])`;

const longestRetryMs = 2_000;
const connectMs = 5_000;
/**
 * A connection on which an answer is missing for so long is made anew: a line that was cut, or a router that has forgotten it, tells
 * nobody. Longer than BullMQ's waits for a job and for events (5 and 10 s).
 */
const longestSilenceMs = 15_000;
/**
 * Pictures go one after the other, in pieces, each with an answer: on a slow line too, beats and locks get in between, and silence is
 * silence.
 */
const pieceBytes = 512 * 1024;

/** Connects at once, and anew whenever the connection is lost or an answer is missing for `silenceMs`. */
export function openRedisEngine(url: string, silenceMs = longestSilenceMs): Engine {
  const redis = quiet(
    new Redis(url, {
      maxRetriesPerRequest: null,
      connectTimeout: connectMs,
      socketTimeout: silenceMs,
      protocol: 2, // what BullMQ is tested with
      retryStrategy: (times) => Math.min(times * 100, longestRetryMs),
    }),
  );
  const inTurn = createChain();
  let trouble: string | undefined;
  redis.on("error", (error) => trouble = messageOf(error));
  redis.on("ready", () => trouble = undefined);
  const connection = { connection: redis, prefix };
  return {
    where: new URL(url).host,
    trouble: () => trouble,
    ready: () => Promise.resolve(),
    openQueue: (worker) => quiet(new Queue(worker, { ...queueOptions, ...connection })),
    openEvents: (worker) => quiet(new QueueEvents(worker, connection)),
    openWorker: (worker, run) =>
      quiet(new Worker(worker, run, { ...workerOptions, ...connection })),
    files: {
      put: (key, bytes) =>
        inTurn(async () => {
          for (let offset = 0; offset === 0 || offset < bytes.length; offset += pieceBytes) {
            const piece = Buffer.from(bytes.subarray(offset, offset + pieceBytes));
            if (offset === 0) {
              await redis.set(fileKey(key), piece, "PX", pictureMs);
              continue;
            }
            // Redis may have lost the former pieces, or have got this one twice over two connections.
            const length = await redis.eval(appendScript, 1, fileKey(key), offset, piece);
            if (length !== offset + piece.length) {
              throw new Error("Cannot keep a picture: the connection broke");
            }
          }
        }),
      get: (key) =>
        inTurn(async () => {
          const bytes = new Uint8Array(await redis.strlen(fileKey(key)));
          for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
            const end = Math.min(offset + pieceBytes, bytes.length);
            const piece = await redis.getrangeBuffer(fileKey(key), offset, end - 1);
            if (piece.length < end - offset) return undefined; // it expired in between
            bytes.set(piece, offset);
          }
          return bytes.length === 0 ? undefined : bytes;
        }),
      async remove(keys) {
        if (keys.length > 0) await redis.del(keys.map(fileKey));
      },
      async expire(keys, ttlMs) {
        await Promise.all(keys.map((key) => redis.pexpire(fileKey(key), ttlMs)));
      },
    },
    async announce(announcement, ttlMs) {
      const { name, instance } = announcement;
      const text = JSON.stringify(announcement);
      const keys = [workerKey(name), namesKey] as const;
      return await redis.eval(announceScript, 2, ...keys, instance, text, ttlMs, name) === 1;
    },
    async withdraw({ name, instance }) {
      await redis.eval(withdrawScript, 1, workerKey(name), instance);
    },
    async announced() {
      const names = await redis.smembers(namesKey);
      const texts = names.length === 0 ? [] : await redis.mget(names.map(workerKey));
      const gone = names.filter((_, i) => texts[i] === null);
      if (gone.length > 0) await redis.srem(namesKey, gone); // each beat adds its name again
      return texts.flatMap((text) => text === null || text === undefined ? [] : [parse(text)]);
    },
    async problems() {
      const setting = async (name: string) =>
        (await redis.config("GET", name) as readonly string[])[1];
      await redis.ping();
      const policy = await setting("maxmemory-policy").catch(() => undefined);
      if (policy === undefined) {
        return [
          "Redis does not tell its settings (wanted maxmemory-policy noeviction, appendonly yes)",
        ];
      }
      return [
        ...(policy === "noeviction" ? [] : [
          `maxmemory-policy is ${policy}: Redis may throw jobs away (wanted noeviction)`,
        ]),
        ...(await setting("appendonly") === "yes" ? [] : [
          "appendonly is off: a restart of Redis loses what is under way (wanted appendonly yes)",
        ]),
      ];
    },
    [Symbol.asyncDispose]() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
