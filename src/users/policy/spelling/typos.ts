/**
 * Misspellings of words of the rules: a letter left out, added, wrong or swapped with the next, a vowel as it sounds. Does not know
 * what the words mean.
 */

/** A shorter word with a letter less is too often another word. */
const minLength = 6;
/** The same of a wrong or an added letter. */
const minWrong = 7;
/** A doubled letter may be single in shorter words too, and a vowel another. */
const minDoubled = 5;
/** Russian vowels that sound alike where they are not stressed. */
const heardAlike = new Set(["ао", "оа", "еи", "ие", "яе", "ыи"]);
const otherFirst = new Map([["а", "о"], ["о", "а"], ["е", "и"], ["и", "е"]]);

/** Real words and stems that a misspelling would equal. */
const otherWords = `
  boxes boxer boxers sorts shots short shorts tight tights thigh thighs tongs cloth cloths night nights single trunk trunks buster seater thirst
  brief skits shirks patties panes each teach forge forges forces leased lease eased easing losing dude dudes topes needs unders outs
  parties pantries pasties pantiles tresses presses crosses address closets clashes stacking stocking shocking flocking bathroom bathrobes
  bobs starters deluded departs menaced nips nods panted shiftless starker streaked streaking streamers stalkers decants
  bushier busier brasher clots clotting leopard outskirt outskirts outwits pansies sweeter treads threats singled singles swearer swelter
  plate plates troupers kickers dippers chemist speed speeds resume presume fabrics
  removed removal hoarding stripes striped stripy leggins legging mumbles slipper slippers trousseau swimmers garments garmin
  мойка мойки мойку мойке мойкой мойками личик личики сорока сороку сорок совет соврет совать соврать задать сдать здать включи включить
  включите труса трусом трус ногой ногами ногою ногая нога ноготь стань стать стена стене порет порят кинет синет платя шины повет срезать
  галой копри бриджи стерт роет поврет белем раздать раздуть раздали раздели разделы раздала отрезать обрезать порезать вырезки срезали
  стирать стереть снимать снимок снимка снимки надежда надежду маленькая маленькую рубашка рубанок холодная голодная голодный голодную
  коготки косточку облечен* обличен* облучен* плави пижм* рубак* рубанк* свите совочку строчку стриги тросики трупики
  трепк* тяпк* шорники футбол
  голам* голыша* засол* оолит* отоли* облаж* обсаж* парно радет* разве* раздав* раздув* разев* разжев* размет* разъел* расстел* телешоу раздел* раздал* раздул* раздут* расстел*
  закрасить закрась опустите отпустить отпусти пустить вытереть протереть рисунка кожаный`.trim()
  .split(/\s+/);
const wholeWords = new Set(otherWords.filter((it) => !it.endsWith("*")));
const stems = otherWords.filter((it) => it.endsWith("*")).map((it) => it.slice(0, -1));

/** The value of the word that a written one may be a misspelling of; undefined for none. */
export type FindTypo<T> = (written: string) => T | undefined;

/** Makes a search for misspellings of the words of `lists`, stems left out. It is for words that are in no list. */
export function createTypos<T>(
  lists: readonly (readonly [list: string, value: T])[],
): FindTypo<T> {
  const byFirst = new Map<string, { readonly word: string; readonly value: T }[]>();
  for (const [list, value] of lists) {
    for (const word of list.trim().split(/\s+/)) {
      if (word.endsWith("*") || word.length < minDoubled) continue;
      const first = word.charAt(0);
      byFirst.set(first, [...byFirst.get(first) ?? [], { word, value }]);
    }
  }
  return (written) => {
    if (isOtherWord(written)) return undefined;
    const heard = written.replaceAll("йа", "я").replaceAll("э", "е");
    const found = byFirst.get(written.charAt(0))
      ?.find(({ word }) => word === heard || isMisspelled(written, word));
    if (found !== undefined) return found.value;
    const first = otherFirst.get(written.charAt(0));
    if (first === undefined) return undefined;
    return byFirst.get(first)?.find(({ word }) => word === first + written.slice(1))?.value;
  };
}

/** Both begin with the same letter. */
function isMisspelled(written: string, word: string): boolean {
  const longer = written.length - word.length;
  if (Math.abs(longer) > 1) return false;
  let at = 1;
  while (at < word.length && written[at] === word[at]) at++;
  const rest = (text: string, from: number) => text.slice(from);
  const [letter, next] = [word[at], word[at + 1]];
  if (longer === 1) return word.length >= minWrong && rest(written, at + 1) === rest(word, at);
  if (longer === -1) {
    const isDoubled = letter === word[at - 1] || letter === next;
    return (word.length >= minLength || isDoubled) && rest(written, at) === rest(word, at + 1);
  }
  if (rest(written, at + 1) === rest(word, at + 1)) {
    return word.length >= minWrong || heardAlike.has(`${letter}${written[at]}`);
  }
  return word.length >= minLength && written[at] === next && written[at + 1] === letter &&
    rest(written, at + 2) === rest(word, at + 2);
}

function isOtherWord(written: string): boolean {
  return wholeWords.has(written) || stems.some((stem) => written.startsWith(stem));
}
