import { IMAGE_CHECKS, type ImageArgs } from "../image/image";
import { type Reader, text } from "./reader";

export function imageSettings(reader: Reader): ImageArgs {
  return reader.group(IMAGE_CHECKS, { registryName: text, baseImage: text });
}
