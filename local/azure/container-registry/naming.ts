import { ArmError } from "../core/errors.ts";

const invalidName =
  "Registry names may contain alpha numeric characters only and must be between 5 and 50 characters in length.";

export function isValidName(name: string): boolean {
  return /^[a-z0-9]{5,50}$/i.test(name);
}

export function invalidRegistryName(): ArmError {
  return new ArmError(400, "RegistryNameNotValid", invalidName);
}

/** The answer of checkNameAvailability. */
export function nameAvailability(name: string, taken: boolean): Record<string, unknown> {
  if (!isValidName(name)) return { nameAvailable: false, reason: "Invalid", message: invalidName };
  if (!taken) return { nameAvailable: true };
  const message = `The registry ${name} is already in use.`;
  return { nameAvailable: false, reason: "AlreadyExists", message };
}

export function nameInUse(loginServer: string): ArmError {
  const message = `The registry DNS name ${loginServer} is already in use. You can check if the name is already claimed using following API: https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability`;
  return new ArmError(409, "AlreadyInUse", message);
}
