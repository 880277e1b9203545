import { notEmulated } from "../../core/errors.ts";
import type { Reader } from "../../core/readers.ts";

const others = /^(compose|kube|sitecontainers|dotnetcore|node|python|php|java|tomcat|jbosseap|go|ruby)$/i;

/** `DOCKER|IMAGE`, or "" for none. What else Azure knows is refused by name, the rest as Azure refuses it. */
export const linuxFxVersion: Reader<string> = {
  type: "DOCKER|IMAGE",
  take(value) {
    if (typeof value !== "string") return undefined;
    // az removes the image by one space.
    if (value.trim() === "") return "";
    const [kind, image = ""] = value.split(/\|(.*)/s);
    if (others.test(kind!)) {
      // A compose file stands in it in base64.
      const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
      throw notEmulated(
        `'siteConfig.linuxFxVersion' ${shown}`,
        "write DOCKER|IMAGE; only a single container runs.",
      );
    }
    // A space after the bar is refused by Azure (microsoft/azuredevopslabs#689); elsewhere in the image that is inferred.
    return /^docker$/i.test(kind!) && /^[^\s\p{Cc}]+$/u.test(image) ? value : undefined;
  },
};
