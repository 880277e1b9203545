import { expect } from "vitest";
import type { Step, Tree } from "./tree.ts";

const read = { contents: "read" };
const identity = { contents: "read", "id-token": "write" };
const expression = (text: string) => `\${{ ${text} }}`;
const configured = "vars.PULUMI_BACKEND != ''";
const onAzblob = "startsWith(vars.PULUMI_BACKEND, 'azblob:')";

/** Jobs that sign in to Azure. */
const READERS = ["preview.yml preview", "drift.yml drift"];
const WRITERS = ["deploy-stack.yml deploy", "destroy.yml destroy"];
const each = <T>(names: string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));

/** GitHub's, Microsoft's and Pulumi's own. */
const ACTIONS = /^(actions\/(checkout|setup-node)|azure\/login|pulumi\/(auth-actions|actions))@[0-9a-f]{40}$/;

/** Scripts that check the code itself; the others work on a stack, and a test runs each on local Azure. */
const OF_THE_CODE = ["lint", "types"];
export const TESTED: Record<string, { file: string; title: string }> = {
  rehearsal: { file: "test/e2e/against.test.ts", title: "npm run rehearsal compares with the first parent" },
  drift: { file: "test/e2e/operations.test.ts", title: "drift opens an issue once, and closes it" },
  destroy: { file: "test/e2e/operations.test.ts", title: "destroy wants the stack's name again" },
};

const withAction = (steps: Step[] | undefined, action: string) =>
  steps?.filter(({ uses }) => uses?.startsWith(`${action}@`)) ?? [];
const pulumi = (tree: Tree, job: string) => withAction(tree.jobs[job]?.steps, "pulumi/actions")[0]?.with;

/** The rules of the workflows; each assertion throws where one is broken. */
export const RULES: Record<string, (tree: Tree) => void> = {
  "events are those expected, never pull_request_target": ({ workflows }) => {
    expect(Object.fromEntries(Object.entries(workflows).map(([file, { on }]) => [file, on]))).toEqual({
      "checks.yml": { pull_request: null },
      "rehearsal.yml": {
        pull_request: { types: ["opened", "synchronize", "reopened", "labeled", "unlabeled"] },
      },
      "preview.yml": { pull_request: null },
      "deploy.yml": { push: { branches: ["main"] } },
      "deploy-stack.yml": { workflow_call: { inputs: { stack: { type: "string", required: true } } } },
      "destroy.yml": { workflow_dispatch: expect.anything() },
      "drift.yml": {
        schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }],
        workflow_dispatch: null,
      },
    });
  },

  "actions are pinned by commit, with the version beside it": (tree) => {
    for (const { uses } of tree.steps) if (uses) expect(uses).toMatch(ACTIONS);
    const lines = Object.values(tree.texts)
      .flatMap((text) => text.split("\n"))
      .filter((line) => /uses: [^.]/.test(line));
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(lines).toHaveLength(tree.steps.filter(({ uses }) => uses).length);
    // One commit an action, everywhere.
    expect(new Set(lines.map((line) => line.replace(/.*uses: /, ""))).size).toBeLessThanOrEqual(5);
  },

  "each job has the permissions that it needs, and no workflow any for all": (tree) => {
    for (const { permissions } of Object.values(tree.workflows)) expect(permissions).toEqual({});
    expect(tree.each(({ permissions }) => permissions ?? "GitHub's default")).toEqual({
      ...each(["checks.yml checks", "rehearsal.yml rehearsal"], read),
      ...each(["deploy.yml dev", "deploy.yml staging", "deploy.yml prod", ...WRITERS], identity),
      "preview.yml preview": { ...identity, "pull-requests": "write" },
      "drift.yml drift": { ...identity, issues: "write" },
    });
  },

  "no secret is used, and the token of the run for issues only": ({ texts }) => {
    for (const [file, text] of Object.entries(texts)) {
      expect(text).not.toMatch(/\bsecrets(\.\w|\[|:)/);
      expect(text.match(/github\.token|toJSON/g) ?? []).toHaveLength(file === "drift.yml" ? 1 : 0);
    }
  },

  "checkouts leave no token behind": ({ steps }) => {
    for (const step of withAction(steps, "actions/checkout"))
      expect(step.with).toMatchObject({ "persist-credentials": false });
  },

  "each run is npm ci, npm test or npm run X, one command, of a script that is there and tested": (tree) => {
    for (const step of tree.steps) {
      expect(Object.keys(step)).not.toEqual(expect.arrayContaining(["shell"]));
      if (step.run === undefined) continue;
      expect(step.run).toMatch(/^npm (ci|test|run [a-z]+)$/);
      const script = /^npm run (.+)$/.exec(step.run)?.[1];
      if (!script) continue;
      expect(tree.scripts).toContain(script);
      if (!OF_THE_CODE.includes(script)) expect(Object.keys(TESTED)).toContain(script);
    }
  },

  "there is no script in an action's inputs, and no composite action of this repository": ({ steps }) => {
    for (const { uses, with: inputs = {} } of steps) {
      expect(uses ?? "").not.toMatch(/^[.$]|^docker:/);
      expect(Object.keys(inputs).filter((name) => /script$|^run$/.test(name))).toEqual([]);
    }
  },

  "each job ends in time, on a named machine": (tree) => {
    const run = Object.values(tree.jobs).filter(({ steps }) => steps);
    expect(run.map((job) => job["runs-on"])).toEqual(run.map(() => "ubuntu-24.04"));
    for (const job of run) {
      expect(job["timeout-minutes"] ?? 0).toBeGreaterThanOrEqual(20);
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
    }
  },

  "one deployment a stack at a time, which nothing cancels": (tree) => {
    // The look for drift waits for a deployment as well; without a queue it would take the place of one that waits.
    const queue = (name: string) => ({ group: name, "cancel-in-progress": false, queue: "max" });
    const preview = `preview-${expression("github.ref")}-${expression("matrix.stack")}`;
    expect(tree.each(({ concurrency }) => concurrency)).toEqual({
      ...each(WRITERS, queue(`stack-${expression("inputs.stack")}`)),
      "drift.yml drift": queue(`stack-${expression("matrix.stack")}`),
      "preview.yml preview": { group: preview, "cancel-in-progress": true },
    });
  },

  "who writes is behind the stack's environment, with its identity; who reads has another": (tree) => {
    expect(tree.each(({ environment }) => environment)).toEqual(each(WRITERS, expression("inputs.stack")));
    expect(tree.each(({ env }) => env?.ARM_CLIENT_ID)).toEqual({
      ...each(WRITERS, expression("vars.AZURE_CLIENT_ID")),
      ...each(READERS, expression("vars.AZURE_PREVIEW_CLIENT_ID")),
    });
    for (const file of ["checks.yml", "rehearsal.yml", "deploy.yml"])
      expect(tree.texts[file]).not.toMatch(/vars\.|login|pulumi\//);
  },

  "dev, then staging, then prod": (tree) => {
    const stages = Object.entries(tree.workflows["deploy.yml"]!.jobs);
    expect(stages.map(([stage]) => stage).sort()).toEqual(tree.stacks.sort());
    expect(stages.map(([stage, { needs }]) => [needs, stage])).toEqual([
      [undefined, "dev"],
      ["dev", "staging"],
      ["staging", "prod"],
    ]);
    for (const [stage, job] of stages) {
      expect(job).toMatchObject({ uses: "./.github/workflows/deploy-stack.yml", with: { stack: stage } });
      expect(job).not.toHaveProperty("if");
    }
    expect(pulumi(tree, "deploy-stack.yml deploy")).toMatchObject({ command: "up" });
  },

  "every stack is previewed, and looked at for drift": (tree) => {
    const stacks = tree.each(({ strategy }) => strategy?.matrix.stack.toSorted());
    expect(stacks).toEqual(each(READERS, tree.stacks.toSorted()));
  },

  "previews are of this repository's pull requests, one comment a stack": (tree) => {
    const here = "github.event.pull_request.head.repo.full_name == github.repository";
    expect(tree.jobs["preview.yml preview"]?.if).toBe(expression(`${here} && ${configured}`));
    const inputs = { command: "preview", "comment-on-pr": true, "edit-pr-comment": true };
    expect(pulumi(tree, "preview.yml preview")).toMatchObject(inputs);
    const steps = JSON.stringify(tree.jobs["preview.yml preview"]?.steps);
    expect(steps).not.toMatch(/"command":"(up|update|refresh|destroy)"/);
  },

  "nothing is tried on Azure by itself before the backend is set, and nothing else is left out": (tree) => {
    expect(tree.each((job) => job.if)).toEqual({
      "preview.yml preview": expect.stringContaining(` && ${configured} }}`),
      ...each(["deploy-stack.yml deploy", "drift.yml drift"], expression(configured)),
    });
  },

  "destroy is by hand and typed twice": (tree) => {
    expect(tree.workflows["destroy.yml"]?.on).toMatchObject({
      workflow_dispatch: {
        inputs: {
          stack: { type: "environment", required: true },
          confirm: { type: "string", required: true },
        },
      },
    });
    expect(tree.jobs["destroy.yml destroy"]?.steps?.at(-1)).toEqual({
      run: "npm run destroy",
      env: { CONFIRM: expression("inputs.confirm") },
    });
  },

  "the backend is one setting": (tree) => {
    const signedIn = Object.entries(tree.jobs).filter(([, { env }]) => env);
    expect(signedIn.map(([name]) => name).sort()).toEqual([...READERS, ...WRITERS].sort());
    for (const [, { env, steps }] of signedIn) {
      expect(env?.PULUMI_BACKEND_URL).toBe(expression(`${onAzblob} && vars.PULUMI_BACKEND || ''`));
      const organization = `${onAzblob} && 'organization' || vars.PULUMI_BACKEND`;
      expect(env?.PULUMI_STACK).toMatch(expression(organization));
      expect(withAction(steps, "azure/login").map((step) => step.if)).toEqual([expression(onAzblob)]);
      expect(withAction(steps, "pulumi/auth-actions").map((step) => step.if)).toEqual([
        expression(`!${onAzblob}`),
      ]);
    }
    const named = Object.values(tree.texts).flatMap((text) => text.match(/vars\.\w+/g) ?? []);
    expect([...new Set(named)].sort()).toEqual([
      "vars.AZURE_CLIENT_ID",
      "vars.AZURE_PREVIEW_CLIENT_ID",
      "vars.AZURE_SUBSCRIPTION_ID",
      "vars.AZURE_TENANT_ID",
      "vars.PULUMI_BACKEND",
    ]);
  },

  "checks are the README's commands": (tree) => {
    const runs = (job: string) => tree.jobs[job]?.steps?.flatMap(({ run }) => run ?? []);
    expect(runs("checks.yml checks")).toEqual(["npm ci", "npm run lint", "npm run types", "npm test"]);
    expect(runs("rehearsal.yml rehearsal")).toEqual(["npm ci", "npm run rehearsal"]);
  },

  "a label allows a replacement in a rehearsal": (tree) => {
    const label = "contains(github.event.pull_request.labels.*.name, 'allow-replace')";
    const [step] = tree.jobs["rehearsal.yml rehearsal"]?.steps?.slice(-1) ?? [];
    expect(step).toEqual({ run: "npm run rehearsal", env: { ALLOW_REPLACE: expression(label) } });
  },
};
