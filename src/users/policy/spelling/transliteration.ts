/** Russian in Latin letters: "razden", "snimi s nee vse". Does not know what the words mean. */

/** The longest first. A letter that may be several is the first that makes a known word. */
const letters: readonly (readonly [latin: string, russian: string])[] = `
  shch:щ sch:щ zh:ж kh:х ch:ч sh:ш ts:ц ya:я|ья ja:я|ья ia:я|ия yu:ю|ью ju:ю|ью iu:ю|ию yo:е jo:е ye:е|ье je:е|ье eh:э ey:ей ij:ий iy:ий|ый yy:ый
  a:а b:б c:с|ц d:д e:е|э f:ф g:г h:х|г i:и|ы|й j:й|ж|дж k:к l:л m:м n:н o:о p:п q:к r:р s:с t:т u:у v:в w:в|ш x:кс|х y:ы|й|и z:з|с 4:ч 6:ш
`.trim().split(/\s+/).map((pair) => [pair.split(":")[0]!, pair.split(":")[1]!]);

const minLength = 4;
/** A soft sign is seldom written. */
const soft = ["", "ь"];
/** So many readings of a word are tried. */
const maxReadings = 64;

/** Readings of a word in Latin letters as a Russian one, the likeliest first; none of a word that is too short. */
export function transliterations(written: string): string[] {
  const word = written.replaceAll("'", "");
  if (word.length < minLength || !/^[a-z46]+$/.test(word)) return [];
  let readings = [""];
  for (let at = 0; at < word.length;) {
    const [latin, russian] = letters.find(([it]) => word.startsWith(it, at))!;
    at += latin.length;
    readings = russian.split("|").flatMap((it) => readings.map((before) => before + it))
      .slice(0, maxReadings);
  }
  return soft.flatMap((end) => readings.map((reading) => reading + end));
}
