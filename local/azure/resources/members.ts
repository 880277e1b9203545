import { anything, each, idle, type Members, nested, taken, text } from "../core/members.ts";

const readOnly = "Azure decides it; clients send back what they have read.";

/** The body of a resource group. */
export const GROUP = {
  location: taken(anything),
  tags: taken(anything),
  managedBy: taken(text),
  ...each(idle(readOnly), "id", "name", "type"),
  properties: nested({ provisioningState: idle(readOnly) }),
} satisfies Members;
