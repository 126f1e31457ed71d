/**
 * What a menu is about: a user's own settings, or the parameters of one of their jobs. Owns where the values come
 * from and where a changed one goes; everything is read anew each time, so that a menu of any age shows what is so now.
 */
import { type Job } from "../../jobs/mod.ts";
import {
  clampParam,
  type ParamValue,
  type ParamValues,
  specsOf,
  type Template,
} from "../../templates/mod.ts";
import { defaultUserSettings, presetsFor, type UserSettings } from "../../users/mod.ts";
import { type ChatDeps, templateOf } from "../api/mod.ts";
import type { MenuOwner } from "../buttons/mod.ts";

export interface SettingsTarget {
  readonly owner: MenuOwner;
  readonly user: UserSettings;
  /** The job that the menu makes once more; absent in a user's own settings. */
  readonly job?: Job;
  readonly template: Template;
  /** The values as they are now, each as today's template takes it. */
  readonly values: ParamValues;
  /** The values as they were before anything was chosen here. */
  readonly initial: ParamValues;
}

/** Reads it; undefined where the job is not the user's, has no result, or its template is no longer there. */
export async function readTarget(
  deps: ChatDeps,
  owner: MenuOwner,
): Promise<SettingsTarget | undefined> {
  const { settings, queue } = deps;
  const user = await settings.user(owner.userId);
  if (owner.jobId === undefined) {
    const template = templateOf(deps, user);
    return {
      owner,
      user,
      template,
      values: valuesFor(template, user.params),
      initial: valuesFor(template, {}),
    };
  }
  const job = await queue.get(owner.jobId);
  const template = job && deps.templates().get(job.template);
  // A press may come before it is noted that the result has arrived.
  const hasResult = job?.delivered || job?.state === "delivering";
  if (!job || !hasResult || !template || job.origin.userId !== owner.userId) return undefined;
  const changed = await settings.jobParams(owner.userId, job.id);
  return {
    owner,
    user,
    job,
    template,
    values: valuesFor(template, { ...job.params, ...changed }),
    initial: valuesFor(template, job.params),
  };
}

/** Stands for a text in a menu that a whole group sees. */
const hidden = "•••";

/**
 * What a group may see of it: no text that was chosen elsewhere, and of the presets those that were saved there. `chatId` is the
 * group's.
 */
export function targetForGroup(target: SettingsTarget, chatId: number): SettingsTarget {
  const specs = specsOf(target.template);
  const shown = (values: ParamValues): ParamValues =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const spec = specs[name];
        const isSeen = spec?.kind !== "text" || value === spec.default ||
          target.job?.given.includes(name);
        return [name, isSeen ? value : hidden];
      }),
    );
  return {
    ...target,
    user: { ...target.user, presets: [...presetsFor(target.user, chatId)] },
    values: shown(target.values),
    initial: shown(target.initial),
  };
}

/** Chooses a value; undefined goes back to the initial one. */
export async function chooseValue(
  { settings }: ChatDeps,
  { userId, jobId }: MenuOwner,
  name: string,
  value: ParamValue | undefined,
): Promise<void> {
  const change = ({ [name]: _, ...others }: ParamValues): Record<string, ParamValue> =>
    value === undefined ? others : { ...others, [name]: value };
  if (jobId !== undefined) await settings.changeJobParams(userId, jobId, change);
  else {
    await settings.changeUser(userId, (user) => ({
      ...user,
      params: change(user.params),
    }));
  }
}

/** Back to the beginning. Language and ideas stay. */
export async function resetTarget(
  { settings }: ChatDeps,
  { userId, jobId }: MenuOwner,
): Promise<void> {
  if (jobId !== undefined) await settings.changeJobParams(userId, jobId, () => ({}));
  else await settings.changeUser(userId, withoutChoices);
}

function withoutChoices({ template: _, sameSize: __, ...user }: UserSettings): UserSettings {
  const { params, delivery, preview } = defaultUserSettings;
  return { ...user, params, delivery, preview };
}

function valuesFor(template: Template, chosen: ParamValues): ParamValues {
  return Object.fromEntries(
    Object.entries(specsOf(template)).map(([name, spec]) => [
      name,
      clampParam(spec, chosen[name] ?? spec.default),
    ]),
  );
}
