/** Why members of plans and sites are refused or come to nothing, each in words that end an error's sentence. */
import { identity as identityMember } from "../core/members.ts";

export const network = "there are no virtual networks; leave it out here.";
export const identities =
  "managed identities are not emulated; use DOCKER_REGISTRY_SERVER_USERNAME and _PASSWORD.";
export const access = "access restrictions are not enforced; the front end listens on this machine only.";
export const windows = "only Linux containers run; leave it out.";
export const code = "only container images run; set linuxFxVersion to DOCKER|IMAGE and leave it out.";
export const scaling = "one container serves each app; leave it out here.";
export const environments = "there are no App Service, Container Apps or Kubernetes environments.";
export const functions = "function apps are not emulated.";
export const storage = "no storage account is mounted.";
export const domains = "custom domains and their certificates are not emulated.";

export const parents = "it is the web app's.";

/** The identity of a plan or a site. */
export const identity = identityMember(identities);
