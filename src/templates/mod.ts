/**
 * Workflow templates: a graph in ComfyUI's API format and the manifest that says what in it may change.
 * Owns loading, checking, filling and importing them, and the valid values of parameters. Does not ask ComfyUI: callers pass a
 * NodeCatalog.
 */
export { checkOnBackend, type TemplateReport } from "./backend_check.ts";
export { checkTemplate, describeProblem, type MissingInputProblem } from "./check.ts";
export { defaultOn, mayBeDefault } from "./default_template.ts";
export {
  type ApiNode,
  type ApiPrompt,
  type DynamicInput,
  isLink,
  type NodeCatalog,
  type NodeClass,
  type NodeInput,
  type NodeInputInfo,
  type NodeInputs,
  type NodeLink,
} from "./graph.ts";
export { findWorkflow, howToExport, isEditorNode, parseGraph } from "./graph_file.ts";
export { inputsOf, isLinkInput } from "./node_inputs.ts";
export { type InlineProblem, parseInline } from "./inline_params.ts";
export {
  createTemplateReader,
  embeddedInPlace,
  isFileOf,
  isTemplateName,
  type LoadedTemplates,
  loadTemplates,
  noTemplate,
  readEmbedded,
  readTemplates,
} from "./loader.ts";
export { parseManifest } from "./manifest.ts";
export {
  clampParam,
  drawSeeds,
  formatParam,
  maxSeed,
  movedParams,
  type ParamProblem,
  paramsFor,
  type ParamSpec,
  type ParamSpecs,
  type ParamValue,
  type ParamValues,
  parseParam,
  randomSeed,
  seedLimit,
  stepParam,
} from "./params.ts";
export { createTemplateSet, type TemplateSet, type UnusableDefault } from "./registry.ts";
export {
  describeOverrideProblem,
  fitTemplate,
  inputInfo,
  type TemplateOverrides,
} from "./resolve.ts";
export {
  classTypesOf,
  fill,
  type Localized,
  type ModelFile,
  namesPictures,
  specsOf,
  takesWords,
  type Template,
  type TemplateParam,
} from "./template.ts";
