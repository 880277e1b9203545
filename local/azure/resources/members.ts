import { each, nested, readOnly, taken } from "../core/members.ts";
import { anything, text } from "../core/readers.ts";

/** The body of a resource group. */
export const GROUP = {
  location: taken(anything),
  tags: taken(anything),
  managedBy: taken(text),
  ...each(readOnly, "id name type systemData"),
  properties: nested({ provisioningState: readOnly }),
};
