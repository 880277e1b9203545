import { anything, each, type Members, nested, readOnly, taken, text } from "../core/members.ts";

/** The body of a resource group. */
export const GROUP = {
  location: taken(anything),
  tags: taken(anything),
  managedBy: taken(text),
  ...each(readOnly, "id name type"),
  properties: nested({ provisioningState: readOnly }),
} satisfies Members;
