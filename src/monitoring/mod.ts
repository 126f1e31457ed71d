/**
 * What the owner can see of the running bot: log, metrics, health, daily statistics, and systemd's watchdog.
 * Owns what is counted and how it is shown. Changes nothing that it watches.
 */
export { type AlertThrottleDeps, createAlertThrottle, type Tell } from "./alert_throttle.ts";
export { type DailyStats, type DailyStatsStore, DayStats, openDailyStats } from "./daily_stats.ts";
export type { TelegramCall } from "./health.ts";
export { LifetimeTotals, type LifetimeTotalsStore } from "./lifetime_totals.ts";
export { readLogTail } from "./log_file.ts";
export { setUpLogging } from "./logging.ts";
export { openMonitor } from "./monitoring.ts";
export { tellOnce, ToldProblems, type ToldProblemsStore } from "./told_problems.ts";
export { createLiveness, type Liveness, runWatchdog, type Supervisor } from "./watchdog.ts";
