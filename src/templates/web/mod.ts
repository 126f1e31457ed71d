/**
 * A workflow as ComfyUI's web page saves it, turned into the API format as the page would export it. Owns the page's file
 * format and its rules; what a server must say of node classes comes in as a NodeCatalog. Does not know manifests.
 */
export { type Converted, webToApi } from "./convert.ts";
export { readWebWorkflow } from "./read.ts";
export { webClassTypes } from "./scope.ts";
