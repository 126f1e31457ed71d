/**
 * What ComfyUI says of one literal in one input: conversion, limits, lists, as execution.py's `validate_inputs` words it. Pure.
 */
import { floatStr, PythonError, repr, str, toBool, toFloat, toInt } from "../python.ts";
import type { InputClass } from "./catalog.ts";

/** Longer lists are not repeated in an error. */
const MAX_LISTED = 20;
const ANY: ReadonlySet<string> = new Set(["*", "COMFY_MATCHTYPE_V3"]);

/** `error` or one of `node_errors[…].errors` in a 400. */
export interface ValidationError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

/** Puts one together. */
export function errorOf(
  type: string,
  message: string,
  details: string,
  extra_info: Readonly<Record<string, unknown>>,
): ValidationError {
  return { type, message, details, extra_info };
}

/** Converts and checks a literal. With `ownCheck` the class validates by itself: neither limits nor lists count. */
export function checkLiteral(
  input: InputClass,
  value: unknown,
  ownCheck: boolean,
): { readonly value: unknown } | { readonly error: ValidationError } {
  let converted: unknown;
  try {
    converted = convert(input.type, unwrap(value));
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return {
      error: errorOf(
        "invalid_input_type",
        `Failed to convert an input value to a ${input.type} value`,
        `${input.name}, ${str(value)}, ${error.message}`,
        {
          input_name: input.name,
          input_config: input.config,
          received_value: value,
          exception_message: error.message,
        },
      ),
    };
  }
  const error = ownCheck ? undefined : limitError(input, converted) ?? listError(input, converted);
  return error === undefined ? { value: converted } : { error };
}

/** Lists of the page's own widgets are sent as `{"__value__": […]}`, to be told from links. */
function unwrap(value: unknown): unknown {
  const isWrapped = typeof value === "object" && value !== null && "__value__" in value;
  return isWrapped ? value.__value__ : value;
}

function convert(type: string, value: unknown): unknown {
  if (type === "INT") return toInt(value);
  if (type === "FLOAT") return toFloat(value);
  if (type === "STRING") return str(value);
  if (type === "BOOLEAN") return toBool(value);
  return value;
}

function limitError(input: InputClass, value: unknown): ValidationError | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  const spell = input.type === "FLOAT" ? floatStr : String;
  const extra = { input_name: input.name, input_config: input.config, received_value: value };
  if (input.min !== undefined && value < input.min) {
    const message = `Value ${spell(value)} smaller than min of ${spell(input.min)}`;
    return errorOf("value_smaller_than_min", message, input.name, extra);
  }
  if (input.max !== undefined && value > input.max) {
    const message = `Value ${spell(value)} bigger than max of ${spell(input.max)}`;
    return errorOf("value_bigger_than_max", message, input.name, extra);
  }
  return undefined;
}

function listError(input: InputClass, value: unknown): ValidationError | undefined {
  const { options, multiselect } = input;
  const values = multiselect && Array.isArray(value) ? value : [value];
  if (options === undefined || values.every((item) => options.includes(item))) return undefined;
  const isLong = options.length > MAX_LISTED;
  const list = isLong ? `(list of length ${options.length})` : repr(options);
  return errorOf(
    "value_not_in_list",
    "Value not in list",
    `${input.name}: '${str(value)}' not in ${list}`,
    {
      input_name: input.name,
      input_config: isLong ? null : input.config,
      received_value: value,
    },
  );
}

/** `validate_node_input`: types are comma lists; `*` takes anything, and so do match types, which only the web page checks. */
export function isAccepted(received: string, wanted: string): boolean {
  if (received === wanted || [received, wanted].some((type) => ANY.has(type))) return true;
  const accepted = new Set(wanted.split(",").map((type) => type.trim()));
  return received.split(",").every((type) => accepted.has(type.trim()));
}
