/**
 * Presets: ready-made edits, offered as buttons. Owns the built-in ones, which config.yaml's `presets` replace. Does not know a user's
 * own presets: those are settings.ts's.
 */
import { type Localized, type ParamValues } from "../templates/mod.ts";

/** A built-in or configured preset. */
export interface Preset {
  /** On the button: short, with an emoji in front. */
  readonly title: Localized;
  /** The prompt text. */
  readonly words: Localized;
  /** Parameters that override the user's settings. */
  readonly params: ParamValues;
  /** It is about the background: where a template cuts out, that does it. */
  readonly cutsOut?: boolean;
}

function preset(
  title: readonly [en: string, ru: string],
  words: readonly [en: string, ru: string],
): Preset {
  return {
    title: { en: title[0], ru: title[1] },
    words: { en: words[0], ru: words[1] },
    params: {},
  };
}

/** The built-in presets. */
export const defaultPresets: readonly Preset[] = [
  {
    ...preset(["✂️ Remove background", "✂️ Убрать фон"], [
      "Remove the background and replace it with plain white, keep the subject exactly as it is",
      "Убери фон и замени его чисто белым, сам объект оставь точно таким же",
    ]),
    cutsOut: true,
  },
  preset(["👔 Professional portrait", "👔 Деловой портрет"], [
    "Turn it into a professional studio portrait: soft light, neutral background, business clothes, the face unchanged",
    "Сделай деловой студийный портрет: мягкий свет, нейтральный фон, деловая одежда, лицо без изменений",
  ]),
  preset(["🕰 Restore old photo", "🕰 Восстановить старое фото"], [
    "Restore this old photo: remove scratches, stains and noise, make it sharp, keep the faces unchanged",
    "Восстанови старую фотографию: убери царапины, пятна и шум, сделай её чёткой, лица не меняй",
  ]),
  preset(["🎨 Colourise", "🎨 Раскрасить"], [
    "Colourise this black and white photo with natural, realistic colours",
    "Раскрась эту чёрно-белую фотографию естественными, реалистичными цветами",
  ]),
  preset(["🔍 Sharpen", "🔍 Повысить чёткость"], [
    "Improve the quality: sharper details, less noise, balanced light, nothing else changes",
    "Улучши качество: чётче детали, меньше шума, ровный свет, больше ничего не меняй",
  ]),
  preset(["🧹 Remove passers-by", "🧹 Убрать прохожих"], [
    "Remove the people in the background and fill in what is behind them",
    "Убери людей на заднем плане и дорисуй то, что за ними",
  ]),
  preset(["🌃 Make it night", "🌃 Сделать ночь"], [
    "Make it night: dark sky, street lights and lit windows",
    "Сделай ночь: тёмное небо, фонари и светящиеся окна",
  ]),
  preset(["❄️ Make it winter", "❄️ Сделать зиму"], [
    "Make it winter: snow on the ground and on the roofs, soft cold light",
    "Сделай зиму: снег на земле и на крышах, мягкий холодный свет",
  ]),
  preset(["🌅 Golden hour", "🌅 Золотой час"], [
    "Change the light to a warm sunset with long soft shadows",
    "Замени свет на тёплый закат с длинными мягкими тенями",
  ]),
  preset(["🖌 Watercolour", "🖌 Акварель"], [
    "Turn it into a delicate watercolour painting",
    "Преврати в нежный акварельный рисунок",
  ]),
  preset(["✏️ Pencil sketch", "✏️ Карандашный набросок"], [
    "Turn it into a detailed pencil sketch on paper",
    "Преврати в подробный карандашный набросок на бумаге",
  ]),
  preset(["🎬 Cartoon", "🎬 Мультфильм"], [
    "Turn it into a frame of a hand-drawn animated film, keep the composition",
    "Преврати в кадр рисованного мультфильма, композицию сохрани",
  ]),
];
