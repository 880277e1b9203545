import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import tarStream from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contextDigest, contextTar, readBuildContext } from "../../local/plugins/docker/build-context.ts";
import { checkImage } from "../../local/plugins/docker/image-inputs.ts";
import { isObject, unknownValue } from "../../local/plugins/property-values.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "build-context-test-"));
  write("app/Dockerfile", "FROM scratch\n");
});
afterEach(() => rmSync(project, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

const read = (dockerfile = "app/Dockerfile") => readBuildContext(project, "app", dockerfile);
const paths = () => read().files.map(({ path }) => path);

test("a model may be larger than what Node reads at once", () => {
  write("app/weights.bin", "");
  truncateSync(join(project, "app/weights.bin"), 2 ** 31 + 1);
  expect(contextDigest(read())).toMatch(/^[0-9a-f]{64}$/);
});

describe(".dockerignore", () => {
  const files = [
    "a.js",
    "lib/b.js",
    "lib/deep/c.js",
    "lib/deep/c.md",
    "node_modules/x/index.js",
    ".git/HEAD",
    "README.md",
  ];
  const all = [".dockerignore", ".git/HEAD", "Dockerfile", ...files.filter((file) => file !== ".git/HEAD")];
  const without = (...ignored: string[]) => all.filter((file) => !ignored.includes(file)).toSorted();

  test.each<[string, string[]]>([
    ["# a comment\n\n", without()],
    ["node_modules\n.git", without("node_modules/x/index.js", ".git/HEAD")],
    ["/lib/deep/", without("lib/deep/c.js", "lib/deep/c.md")],
    ["*.md", without("README.md")],
    ["**/*.md", without("README.md", "lib/deep/c.md")],
    ["*\n!lib/**", ["lib/b.js", "lib/deep/c.js", "lib/deep/c.md"]],
    ["*\n!lib/deep/c.js", ["lib/deep/c.js"]],
    ["*\n!lib\nlib/deep", ["lib/b.js"]],
    ["*\n!**/*.md\n!lib", ["README.md", "lib/b.js", "lib/deep/c.js", "lib/deep/c.md"]],
    ["lib/?.js", without("lib/b.js")],
    ["lib/[a-c].js", without("lib/b.js")],
  ])("%j", (text, expected) => {
    for (const file of files) write(`app/${file}`, file);
    write("app/.dockerignore", text);
    expect(paths().toSorted()).toEqual(expected.toSorted());
  });

  test("a file of the Dockerfile's own name goes before the context's", () => {
    write("app/.dockerignore", "*");
    write("app/Dockerfile.dockerignore", "*\n!a.js");
    write("app/a.js", "");
    expect(paths()).toEqual(["a.js"]);
  });
});

describe("digest", () => {
  test("counts paths, content, modes and the Dockerfile, and nothing that is ignored", () => {
    write("app/.dockerignore", "ignored.txt");
    write("app/a.js", "one");
    const digests = [contextDigest(read())];
    write("app/ignored.txt", "x");
    expect(contextDigest(read())).toBe(digests[0]);
    write("app/a.js", "two");
    digests.push(contextDigest(read()));
    write("app/b.js", "");
    digests.push(contextDigest(read()));
    write("app/Dockerfile", "FROM scratch\nUSER 1\n");
    digests.push(contextDigest(read()));
    symlinkSync("a.js", join(project, "app/link"));
    digests.push(contextDigest(read()));
    expect(new Set(digests).size).toBe(5);
    expect(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  });

  test("is the published plugin's, which takes names byte by byte", () => {
    write("app/\u{ff21}", "one");
    write("app/\u{1f388}", "two");
    write("app/a/x", "three");
    write("app/a.txt", "four");
    for (const { path } of read().files) chmodSync(join(project, "app", path), 0o644);
    // What hashContext of @pulumi/docker 5.1's plugin makes of these files.
    expect(contextDigest(read())).toBe("093dda9e4c057457dc6f2eab486a6a66b82841790d67cc83db17e796e6c28690");
  });
});

async function entriesOf(builder: "BuilderV1" | "BuilderBuildKit", dockerfile?: string) {
  const { tar, dockerfileName } = contextTar(read(dockerfile), builder);
  const extract = tarStream.extract();
  tar.pipe(extract);
  const entries: Record<string, string> = {};
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type !== "directory") entries[entry.header.name] = Buffer.concat(chunks).toString();
  }
  return { entries, dockerfileName };
}

describe("tar", () => {
  test("holds the files that are not ignored, and an ignored Dockerfile under a name that the daemon ignores", async () => {
    write("app/.dockerignore", "*\n!src");
    write("app/src/main.js", "code");
    const { entries, dockerfileName } = await entriesOf("BuilderV1");
    expect(dockerfileName).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
    expect(entries).toEqual({
      "src/main.js": "code",
      [dockerfileName]: "FROM scratch\n",
      ".dockerignore": `*\n!src\n${dockerfileName}\n.dockerignore\n`,
    });
  });

  test("holds a Dockerfile that is not ignored once, and one from outside the context", async () => {
    write("Outside", "FROM outside\n");
    expect(await entriesOf("BuilderBuildKit")).toEqual({
      dockerfileName: "Dockerfile",
      entries: { Dockerfile: "FROM scratch\n" },
    });
    const { entries, dockerfileName } = await entriesOf("BuilderBuildKit", "Outside");
    expect(entries[dockerfileName]).toBe("FROM outside\n");
  });
});

describe("docker.Image's inputs", () => {
  const given = { imageName: "localhost:5000/app:v1", build: { context: "app", platform: "linux/amd64" } };
  const failures = (inputs: object) => checkImage({ ...given, ...inputs }, project).failures;

  test("defaults and the digest are added", () => {
    const { inputs } = checkImage({ ...given, build: { context: "app" } }, project);
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    expect(inputs).toMatchObject({
      skipPush: false,
      buildOnPreview: false,
      build: {
        context: "app",
        dockerfile: "app/Dockerfile",
        platform: `linux/${architecture}`,
        contextDigest: contextDigest(read()),
      },
    });
  });

  test("a context that is not known yet has no digest", () => {
    const { inputs, failures } = checkImage({ ...given, build: { context: unknownValue } }, project);
    expect(isObject(inputs.build) && inputs.build.contextDigest).toBeUndefined();
    expect(failures).toEqual([]);
  });

  test.each<[object, string]>([
    [{ build: { context: "app", dockerfile: "Dockerfile" } }, 'Try setting `dockerfile` to "app/Dockerfile"'],
    [{ build: { context: "missing" } }, 'could not open the build context at "missing"'],
    [{ build: { context: "app", dockerfile: "/no/Dockerfile" } }, "expected a relative Dockerfile path"],
    [{ build: { context: "app", builderVersion: "BuilderV3" } }, "invalid Docker Builder version"],
    [{ build: { context: "app", cacheFrom: { images: ["a"] } } }, "does not know 'build.cacheFrom'"],
    [{ registry: { address: "a" } }, "does not know 'registry.address'"],
    [{ imageName: "team/app" }, "image names to be fully qualified"],
    [{ imageName: "localhost:5000//app" }, "invalid reference format"],
    [{ imageName: "localhost:5000/App", skipPush: true }, "invalid reference format"],
  ])("%j is refused", (inputs, reason) => {
    expect(failures(inputs)).toEqual([expect.stringContaining(reason)]);
  });

  test("a name without a registry will do where nothing is pushed, or the server is said", () => {
    expect(failures({ imageName: "app", skipPush: true })).toEqual([]);
    expect(failures({ imageName: "app", registry: { server: "localhost:5000" } })).toEqual([]);
  });
});
