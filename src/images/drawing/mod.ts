/**
 * Pictures that the bot makes itself: before and after side by side, the statistics' chart, what ComfyUI reads of a HEIC. Pixels, codecs, and the Worker in which it
 * happens. Owns that no picture, whatever its size, holds up or ends the program. Does not know who asks for one.
 */
export { takePicture } from "./taken_picture.ts";
export { createDrawing, type Drawing, maxResizedPixels } from "./drawing.ts";
export { isReadable } from "./decode.ts";
export { sampleBeforeAfter, samplePicture } from "./sample.ts";
