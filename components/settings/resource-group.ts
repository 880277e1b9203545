import { RESOURCE_GROUP_CHECKS, type ResourceGroupArgs } from "../azure/resource-group";
import { map, type Reader, text } from "./reader";

export function resourceGroupSettings(reader: Reader): ResourceGroupArgs {
  return reader.group<ResourceGroupArgs>(RESOURCE_GROUP_CHECKS, { resourceGroupName: text, tags: map });
}
