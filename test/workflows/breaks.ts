import type { RULES } from "./rules.ts";

/** [rule, file, place, what breaks it] */
export const BREAKS: [keyof typeof RULES & string, string, string, string][] = Object.entries({
  "events are those expected, never pull_request_target": [
    ["preview.yml", "  pull_request:", "  pull_request_target:"],
    ["checks.yml", "  pull_request:", "  pull_request:\n  workflow_run:"],
    ["rehearsal.yml", ", labeled, unlabeled", ""],
    ["drift.yml", "17 3 * * *", "17 3 * * 1"],
  ],
  "actions are pinned by commit, with the version beside it": [
    ["checks.yml", "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "checkout@v7"],
    ["drift.yml", " # v7.0.1", ""],
    ["deploy-stack.yml", "pulumi/actions@", "someone/actions@"],
    ["destroy.yml", "checkout@3d3c42e5", "checkout@00000000"],
  ],
  "each job has the permissions that it needs, and no workflow any for all": [
    ["checks.yml", "permissions: {}", "permissions: write-all"],
    ["checks.yml", "      contents: read", "      contents: read\n      id-token: write"],
    ["drift.yml", "      issues: write", "      issues: write\n      packages: write"],
    ["deploy-stack.yml", "    permissions:\n      contents: read\n      id-token: write\n", ""],
  ],
  "no secret is used, and the token of the run for issues only": [
    ["checks.yml", "npm test", "npm test\n        env:\n          KEY: $" + "{{ secrets.KEY }}"],
    ["deploy.yml", "    with:", "    secrets: inherit\n    with:"],
    ["preview.yml", "diff: true", "github-token: $" + "{{ github.token }}"],
  ],
  "checkouts leave no token behind": [["drift.yml", "persist-credentials: false", "fetch-depth: 1"]],
  "each run is npm ci, npm test or npm run X, one command, of a script that is there and tested": [
    ["checks.yml", "run: npm test", "run: npm test || true"],
    ["checks.yml", "run: npm run types", "run: |\n          npm run types\n          npm run lint"],
    ["checks.yml", "npm run types", "npx tsc"],
    ["checks.yml", "npm run types", "npm run nothing"],
    ["checks.yml", "npm run types", "npm run mutation"],
    ["destroy.yml", "npm run destroy", "npm run destroy -- $" + "{{ inputs.stack }}"],
    ["checks.yml", "run: npm test", "run: npm test\n        shell: bash"],
  ],
  "there is no script in an action's inputs, and no composite action of this repository": [
    ["drift.yml", "          pulumi-version: 3.274.1", "          script: return 1"],
    ["drift.yml", "- run: npm ci", "- uses: ./.github/actions/set-up"],
  ],
  "each job ends in time, on a named machine": [
    ["drift.yml", "    timeout-minutes: 20\n", ""],
    ["checks.yml", "ubuntu-24.04", "ubuntu-latest"],
  ],
  "one deployment a stack at a time, which nothing cancels": [
    ["deploy-stack.yml", "cancel-in-progress: false", "cancel-in-progress: true"],
    ["destroy.yml", "group: stack-", "group: destroy-"],
    ["drift.yml", "group: stack-", "group: drift-"],
    ["drift.yml", "      queue: max\n", ""],
  ],
  "who writes is behind the stack's environment, with its identity; who reads has another": [
    ["deploy-stack.yml", "    environment: $" + "{{ inputs.stack }}\n", ""],
    ["preview.yml", "AZURE_PREVIEW_CLIENT_ID", "AZURE_CLIENT_ID"],
    ["drift.yml", "    permissions:", "    environment: prod\n    permissions:"],
  ],
  "dev, then staging, then prod": [
    ["deploy.yml", "    needs: staging\n", ""],
    ["deploy.yml", "    needs: dev\n", "    needs: dev\n    if: always()\n"],
    ["deploy.yml", "stack: staging", "stack: prod"],
  ],
  "every stack is previewed, and looked at for drift": [
    ["drift.yml", "[dev, staging, prod]", "[dev, staging]"],
  ],
  "previews are of this repository's pull requests, one comment a stack": [
    ["preview.yml", "    if: $" + "{{ github.event", "    if: $" + "{{ true || github.event"],
    ["preview.yml", "edit-pr-comment: true", "edit-pr-comment: false"],
    ["preview.yml", "command: preview", "command: up"],
  ],
  "nothing is tried on Azure by itself before the backend is set, and nothing else is left out": [
    ["drift.yml", "    if: $" + "{{ vars.PULUMI_BACKEND != '' }}\n", ""],
    ["deploy-stack.yml", "vars.PULUMI_BACKEND != ''", "vars.AZURE_TENANT_ID != ''"],
    ["preview.yml", " && vars.PULUMI_BACKEND != ''", ""],
    ["rehearsal.yml", "    timeout", "    if: github.event.action != 'labeled'\n    timeout"],
  ],
  "destroy is by hand and typed twice": [
    [
      "destroy.yml",
      "          CONFIRM: $" + "{{ inputs.confirm }}",
      "          CONFIRM: $" + "{{ inputs.stack }}",
    ],
    ["destroy.yml", "type: string\n        required: true", "type: string\n        required: false"],
  ],
  "the backend is one setting": [
    [
      "deploy-stack.yml",
      "organization: $" + "{{ vars.PULUMI_BACKEND }}",
      "organization: $" + "{{ vars.ORGANIZATION }}",
    ],
    ["drift.yml", "if: $" + "{{ !startsWith", "if: $" + "{{ startsWith"],
  ],
  "checks are the README's commands": [["checks.yml", "      - run: npm run types\n", ""]],
  "a label allows a replacement in a rehearsal": [["rehearsal.yml", "'allow-replace'", "'anything'"]],
} satisfies Record<string, [string, string, string][]>).flatMap(([rule, breaks]) =>
  breaks.map(([file, place, other]): [string, string, string, string] => [rule, file!, place!, other!]),
);
