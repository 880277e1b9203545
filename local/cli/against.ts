import { randomBytes } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ignoring } from "../docker/errors.ts";
import { isLocalReference, splitReference } from "../docker/image-reference.ts";
import { buildProxies } from "../net/proxy.mjs";
import { buildImage } from "../plugins/docker/build.ts";
import type { ImageInputs } from "../plugins/docker/image-inputs.ts";
import { dockerClient } from "../setup/docker.ts";
import { languageHost } from "../setup/engine.ts";
import { removeStack } from "../stack/backend.ts";
import { checkOut, commitOf, wantsSamePackages } from "../stack/checkout.ts";
import { againstStack, projectName, readProjectFile } from "../stack/project.ts";
import { deployedStacks, stackExists } from "../stack/records.ts";
import { withCleanUp } from "../system/clean-up.mjs";
import { paths, repository } from "../system/clone.ts";
import { readJson, writeFileAtomically } from "../system/files.ts";
import { type Report, withProgress } from "../system/report.ts";
import { changesOf, losses, type Step } from "./changes.ts";
import { asMarkdown, asText, type Comparison, type ImageSize, nameOf } from "./changes-text.ts";
import { Confinement, takeBack } from "./confinement.ts";
import { operate } from "./engine-run.ts";
import type { Invocation } from "./invocation.ts";
import type { Session } from "./session.ts";
import { withExclusiveSession } from "./with-session.ts";

/** What is kept of the commit that a stack is compared with. */
const folderOf = (stack: string) => join(paths.against, stack);
/** What is remembered of it, once it is deployed. */
const recordOf = (stack: string) => join(folderOf(stack), "record.json");
const passphraseOf = (stack: string) => join(folderOf(stack), "passphrase");

/**
 * Deploys a commit's program and app in a stack of its own, unless it is there, and shows what a deployment of this tree would
 * change of it.
 *
 * @throws Error naming what would be lost, unless that is allowed.
 */
export async function previewAgainst(ref: string, invocation: Invocation): Promise<void> {
  const commit = await commitOf(ref);
  await withExclusiveSession("preview", invocation, async (opened) => {
    await ensurePassphrase(opened, invocation);
    const session = warySession(invocation.stack, opened);
    await deploy(commit, session, invocation);
    const comparison = await compare(session, invocation);
    const { print } = invocation;
    if (invocation.json) print(JSON.stringify(comparison, null, 2));
    else if (invocation.markdown) print(asMarkdown(comparison, `${ref} (${commit.slice(0, 8)})`));
    else for (const line of asText(comparison)) print(line);
    const lost = losses(comparison.changes);
    if (lost.length === 0 || invocation.allowReplace) return;
    const named = lost.map(({ op, urn }) => `${nameOf(urn)} (${op})`).join(", ");
    throw new Error(
      `Data or the public name would be lost: ${named}. --allow-replace says that this is meant.`,
    );
  });
}

/** Removes what `previewAgainst` has deployed for a stack; false where there is nothing. */
export async function destroyAgainst(session: Session, invocation: Invocation): Promise<boolean> {
  const { stack } = invocation;
  const [own, folder] = [againstStack(stack), folderOf(stack)];
  // Before its stack is there, too: a kill may have left what installs its packages.
  await takeBack(own, folder, session);
  if (!(await stackExists(own))) {
    await rm(folder, { recursive: true, force: true });
    return false;
  }
  const wary = warySession(stack, session);
  await rm(recordOf(stack), { force: true });
  const settings = { stack };
  await operate(wary, { ...invocation, stack: own }, ["destroy", "--yes", "--skip-preview"], { settings });
  await removeStack(own, wary.environment);
  await rm(folder, { recursive: true, force: true });
  return true;
}

async function ensurePassphrase(session: Session, invocation: Invocation): Promise<void> {
  const passphrase = passphraseOf(invocation.stack);
  if (existsSync(passphrase)) return;
  // An older version has deployed it with the clone's passphrase.
  await destroyAgainst(session, invocation);
  await mkdir(dirname(passphrase), { recursive: true, mode: 0o700 });
  await writeFileAtomically(passphrase, randomBytes(24).toString("base64url"));
}

/**
 * For engines here that read what a commit's program has deployed: of the plugins that it may have named they take none but the
 * stand-ins, and it knows the passphrase of this stack alone.
 */
function warySession(stack: string, session: Session): Session {
  const passphrase = passphraseOf(stack);
  // One on PATH would be ignored too.
  const hasHost = existsSync(join(dirname(realpathSync(paths.engine)), languageHost));
  const environment = {
    ...session.environment,
    PULUMI_HOME: join(folderOf(stack), "home"),
    PULUMI_CONFIG_PASSPHRASE_FILE: existsSync(passphrase) ? passphrase : paths.passphrase,
    PULUMI_DEBUG_PROVIDERS: session.azure.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: hasHost ? "true" : undefined,
  };
  return { ...session, environment };
}

async function deploy(commit: string, session: Session, invocation: Invocation): Promise<void> {
  const { stack, report } = invocation;
  const [record, own] = [recordOf(stack), againstStack(stack)];
  const wanted = JSON.stringify({ commit, settings: session.machineSettings });
  const isThere = JSON.stringify(await readJson(record)) === wanted;
  if (isThere && (await deployedStacks()).includes(own)) return;
  report(`Deploying ${commit.slice(0, 8)} as stack ${own}, to compare with.`);
  const folder = folderOf(stack);
  const confinement = await Confinement.open(folder, session, report);
  await takeBack(own, folder, session);
  await rm(record, { force: true });
  const { source } = confinement;
  const kept = join(folder, "kept");
  await checkOut(commit, source, { folder: kept, names: ["Pulumi.yaml", `Pulumi.${stack}.yaml`] });
  await expectProject(await projectName(), kept, commit);
  const isSame = await wantsSamePackages(kept);
  if (!isSame) {
    report(`Installing the packages of ${commit.slice(0, 8)}, which are others than this tree's.`);
    await confinement.install();
  }
  await withCleanUp(
    () =>
      operate(session, { ...invocation, stack: own, model: undefined }, ["up", "--yes", "--skip-preview"], {
        settings: { stack, folder: kept },
        start: async (argv) => {
          const dockerPort = await confinement.serveDocker();
          return confinement.startEngine(own, argv, { dockerPort, withOurPackages: isSame });
        },
        // Results alone go to stdout.
        onOutput: (text) => process.stderr.write(text),
      }),
    () => takeBack(own, folder, session),
  );
  await writeFileAtomically(record, wanted);
}

async function expectProject(name: string, folder: string, commit: string): Promise<void> {
  const other = (await readProjectFile("Pulumi.yaml", folder)).name;
  if (other === name) return;
  throw new Error(
    `${commit.slice(0, 8)} is of project ${other}, this tree of ${name}: a stack is one project's.`,
  );
}

async function compare(session: Session, invocation: Invocation): Promise<Comparison> {
  const { stack, report } = invocation;
  report("Previewing this tree against it.");
  let printed = "";
  const previewed = operate(
    session,
    { ...invocation, stack: againstStack(stack) },
    ["preview", "--json", "--show-sames"],
    {
      settings: { stack },
      onOutput: (text, stream) => {
        if (stream === "stdout") printed += text;
        else process.stderr.write(text);
      },
    },
  );
  await previewed.catch((error) => {
    throw new Error(errorsIn(printed).join("\n") || error.message, { cause: error });
  });
  const { steps = [] } = JSON.parse(printed) as { steps?: Step[] };
  return { changes: changesOf(steps), image: await images(steps, session, report) };
}

/** What the engine's JSON tells of a failure; nothing where it is none. */
function errorsIn(printed: string): string[] {
  try {
    const { diagnostics = [] } = JSON.parse(printed);
    return diagnostics.flatMap(({ severity, message }: Record<string, string>) =>
      severity === "error" ? [String(message).trim()] : [],
    );
  } catch {
    return [];
  }
}

/** The scoring image before and after: built, but not pushed. */
async function images(
  steps: readonly Step[],
  { azure }: Session,
  report: Report,
): Promise<Comparison["image"]> {
  const docker = dockerClient({ host: azure.options.dockerHost });
  const sizeOf = async (name: string): Promise<ImageSize | null> => {
    const found = await ignoring([404], docker.getImage(name).inspect());
    return found ? { id: found.Id, size: found.Size } : null;
  };
  const step = steps.find(({ urn }) => urn.includes("docker:index/image:Image::"));
  const imageName = step?.oldState?.inputs?.imageName;
  if (!step || !isLocalReference(imageName)) return { before: null, after: null };
  const before = await sizeOf(imageName);
  if (step.op === "same") return { before, after: before };
  const { build } = (step.newState?.inputs ?? {}) as Partial<ImageInputs>;
  if (!build) return { before, after: null };
  // Goes with the registry that it is named after.
  const built = `${splitReference(imageName).repository}:preview`;
  const args = { ...buildProxies(process.env), ...build.args };
  await withProgress(report, "Building this tree's image", () =>
    buildImage(docker, repository, { imageName: built, build: { ...build, args } }, report),
  );
  return { before, after: await sizeOf(built) };
}
