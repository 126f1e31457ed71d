import assert from "node:assert/strict";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { fill, namePictures } from "../../src/templates/template.ts";

Deno.test("namePictures() calls pictures as the model knows them, however they are written", () => {
  const tagged = (words: string, pictures = 3) => namePictures(words, "<image{n}>", pictures);
  const cases: [written: string, told: string][] = [
    ["put the person from Picture 1 into Picture 2", "put the person from <image1> into <image2>"],
    ["the hat of image 3, please", "the hat of <image3>, please"],
    ["photo#2's sky", "<image2>'s sky"],
    ["<image1> and < image 2 >", "<image1> and <image2>"],
    ["возьми шляпу с картинки 2", "возьми шляпу с <image2>"],
    ["на фото №1 и на фотографии 3", "на <image1> и на <image3>"],
    ["изображение 2.", "<image2>."],
    ["PICTURE1", "<image1>"],
  ];
  for (const [written, told] of cases) assert.equal(tagged(written), told);
});

Deno.test("namePictures() leaves alone what is no picture of the job", () => {
  const others = [
    "make the picture 2 times larger",
    "увеличь картинку 2 раза",
    "image 2x",
    "picture 4",
    "image 0",
    "a picture 100 years old",
    "picture 1.5",
    "a pictures 2 wall",
    "photo 2%",
    "make it night",
  ];
  for (const words of others) assert.equal(namePictures(words, "<image{n}>", 3), words);
  assert.equal(namePictures("Picture 1", undefined, 3), "Picture 1");
  assert.equal(namePictures("Picture 2", "<image{n}>", 1), "Picture 2");
});

Deno.test("fill() tells each model of its pictures by its own name", () => {
  const { templates } = loadTemplates({ embedded: readEmbedded() });
  const told = (name: string, promptText: string) => {
    const template = templates.get(name)!;
    const pictures = ["a.png", "b.png"];
    const graph = fill(template, {
      promptText,
      pictures,
      params: {},
      megapixels: 1,
      filename: "f",
    });
    const { node, input } = template.promptText[0]!;
    return graph[node]!.inputs[input];
  };
  for (const words of ["swap Picture 1 and image 2", "swap <image1> and photo 2"]) {
    assert.equal(told("qwen_image_2_1", words), "swap <image1> and <image2>");
    assert.equal(told("qwen_image_edit_2511", words), "swap Picture 1 and Picture 2");
    assert.equal(told("flux2_klein_4b", words), "swap image 1 and image 2");
  }
  assert.equal(told("flux1_kontext", "swap Picture 1 and 2"), "swap Picture 1 and 2");
});
