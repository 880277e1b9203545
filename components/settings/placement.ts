import { PLACEMENT_CHECKS, type PlacementArgs } from "../azure/placement";
import { map, type Reader, text } from "./reader";

export function placementSettings(reader: Reader): PlacementArgs {
  return reader.group(PLACEMENT_CHECKS, { resourceGroupName: text, tags: map });
}
