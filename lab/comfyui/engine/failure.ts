/**
 * What `execution_error` says of a node that failed. Knows neither frames nor who hears them.
 */
import type { Graph } from "../graph.ts";
import type { Value } from "../nodes/values.ts";
import type { PythonError } from "../python.ts";

/** The type after which ComfyUI unloads its models. */
export const OUT_OF_MEMORY = "torch.OutOfMemoryError";
/** execution.py adds it to the message of that error. */
const OUT_OF_MEMORY_TIPS = "This error means you ran out of memory on your GPU.\n\n" +
  "TIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.";
const TRACEBACK = [
  '  File "/opt/ComfyUI/execution.py", line 496, in execute\n    output_data, output_ui, has_subgraph, has_pending_tasks = await get_output_data(prompt_id, unique_id, obj, input_data_all)\n',
];

/** The part of the event's data that speaks of the exception, its node's inputs and the graph. */
export function failureOf(
  error: PythonError,
  inputs: ReadonlyMap<string, Value>,
  graph: Graph,
): Readonly<Record<string, unknown>> {
  const tips = error.type === OUT_OF_MEMORY ? OUT_OF_MEMORY_TIPS : "";
  return {
    exception_message: `${error.message}\n${tips}`,
    exception_type: error.type,
    traceback: TRACEBACK,
    current_inputs: Object.fromEntries(
      [...inputs].map((
        [name, value],
      ) => [name, [value.type === "literal" ? value.value : `<${value.type}>`]]),
    ),
    current_outputs: Object.keys(graph),
  };
}
