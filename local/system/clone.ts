import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of Pulumi.yaml. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Folder of the `pulumi` wrapper. */
export const wrapperDirectory = join(repository, "local", "cli", "bin");

/** What this clone keeps, ignored by git; every secret file in it is 0600. */
export const stateDirectory = join(repository, ".local");

export const paths = {
  /** Who runs a command that must not run twice at once. */
  lock: join(stateDirectory, "lock"),
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

/** Tool chain parts that all clones share, whatever their projects are called. */
export const cacheDirectory = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "azure-ml-scoring",
);
