import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDirectoryOf } from "./cache-directory.mjs";

/** The folder of Pulumi.yaml. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Folder of the `pulumi` wrapper. */
export const wrapperDirectory = join(repository, "local", "cli", "bin");

/** What this clone keeps, ignored by git; every secret file in it is 0600. */
export const stateDirectory = join(repository, ".local");

export const paths = {
  /** Who prepares, starts or stops what all stacks share. */
  lock: join(stateDirectory, "lock"),
  /** Who changes a stack: a file a stack. */
  stackLocks: join(stateDirectory, "locks", "stacks"),
  /** Who needs local Azure as it is: a file a stack. */
  uses: join(stateDirectory, "locks", "uses"),
  /** What the background process wrote when it was ready. */
  background: join(stateDirectory, "background.json"),
  backgroundLog: join(stateDirectory, "background.log"),
  /** The local CA together with the system's roots: what clients are told to trust. */
  caBundle: join(stateDirectory, "ca-bundle.pem"),
  passphrase: join(stateDirectory, "passphrase"),
  pulumiHome: join(stateDirectory, "pulumi", "home"),
  /** A link to the engine in use. */
  engine: join(stateDirectory, "pulumi", "engine", "bin", "pulumi"),
  pulumiState: join(stateDirectory, "pulumi", "state"),
  /** A project folder without a program, where stacks are made and removed and their settings are copied to. */
  stackFiles: join(stateDirectory, "pulumi", "stacks"),
  /** The commits that stacks are compared with. */
  against: join(stateDirectory, "against"),
  /** Whose plugins the engine uses, once that has been asked for. */
  plugins: join(stateDirectory, "plugins"),
  /** What this machine adds to every stack's settings. */
  machineSettings: join(stateDirectory, "machine-settings.json"),
};

/** Tool chain parts that all clones share. */
export const cacheDirectory = cacheDirectoryOf(process.env);
