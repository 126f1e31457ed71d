/**
 * How words name a picture. People write "Picture 2" or "картинка 2", and each model was taught a name of its own. Pure; owns which
 * words are taken for the name of a picture.
 */

/**
 * A name of a picture with its number: `<image2>`, `Picture 2`, `photo #2`, `на картинке 2`, `фото №2`. A measure is none:
 * "make the picture 2 times larger".
 */
const named = new RegExp(
  "<\\s*image\\s*(?<tag>\\d{1,2})\\s*>|" +
    "(?<![\\p{L}\\p{N}])" +
    "(?:picture|image|photo|картинк\\p{L}{1,3}|фото(?:графи\\p{L}{1,3})?|изображени\\p{L}{1,2})" +
    "\\s*[#№]?\\s*(?<number>\\d{1,2})" +
    "(?![\\p{L}\\p{N}%]|[.,]\\d|\\s*(?:times|x\\b|×|раз))",
  "giu",
);

/** The words with each of the job's pictures called as the model knows it; `{n}` in `name` is the picture's number. */
export function namePictures(words: string, name: string | undefined, pictures: number): string {
  if (name === undefined) return words;
  return words.replaceAll(named, (written: string, tag?: string, number?: string) => {
    const n = Number(tag ?? number);
    return n >= 1 && n <= pictures ? name.replaceAll("{n}", String(n)) : written;
  });
}
