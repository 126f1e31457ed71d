/**
 * Makes templates of workflows from elsewhere: finds the workflow in a file, and where text, pictures, seed and result are in its
 * graph. Owns what is found and what is guessed, and the
 * files of an imported template. Does not ask ComfyUI itself.
 */
export { type AskClasses, type Imported, importWorkflow, readAsApi } from "./importer.ts";
export { removeTemplate, writeTemplate } from "./template_files.ts";
export { isPlain, nameFor, stemOf } from "./template_name.ts";
export { type WorkflowFile } from "./workflow_file.ts";
