import { stringMap } from "../arguments/values";

/** Azure's limits for tags. Source: "Use tags to organize your Azure resources". */
const LIMITS = { count: 50, name: 512, value: 256, forbidden: /[<>%&\\?/]/ };

export const tagsCheck = {
  check: stringMap((name, value) => {
    if (!name || name.length > LIMITS.name || LIMITS.forbidden.test(name)) {
      return `use 1 to ${LIMITS.name} characters without < > % & \\ ? / in the name of a tag`;
    }
    return value.length > LIMITS.value ? `use at most ${LIMITS.value} characters` : undefined;
  }, LIMITS.count),
};
