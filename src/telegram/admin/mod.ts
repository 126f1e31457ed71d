/**
 * What admins have in the chat: access requests, the panel, alerts, announcements, reload.
 * Owns who is told what. Does not know the work that it watches.
 */
export { type AccessRequests, createAccessRequests } from "./access_requests.ts";
export {
  type AdminAlerts,
  createAdminAlerts,
  createTellAdmins,
  type TellAdmins,
} from "./alerts.ts";
export { createWorkflowImports, type ImportsOwnerDeps, type WorkflowImports } from "./imports.ts";
export { publishProfile } from "./profile.ts";
export { type AdminPanel, createAdminPanel, type OwnerDeps } from "./panel.ts";
export { createReloadCommand, type ReloadCommand } from "./reload.ts";
