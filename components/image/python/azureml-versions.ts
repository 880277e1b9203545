import { compare, conditions, meets, type Release, release } from "./versions";

/**
 * What the packages of Azure ML's server bring, from `Requires-Dist` and `Requires-Python` of their wheels on PyPI, on Linux, as read in
 * November 2026. Each row holds from its version on, to the next row's. What no entry script imports is left out.
 */
interface Row {
  since: string;
  /** The oldest Python that it runs on. */
  python: string;
  brings: string;
}

/** Rows as `SINCE (OLDEST PYTHON, 3.8 unless given): WHAT IT BRINGS`. */
const rows = (table: string): Row[] =>
  [...table.matchAll(/^(\S+)(?: \((\S+)\))?: (.+)$/gm)].map(
    ([, since = "", python = "3.8", brings = ""]) => ({
      since,
      python,
      brings,
    }),
  );

/** azureml-inference-server-http 0.3.1 to 1.5.1, without 0.4.9, whose requirements are not its neighbours'. */
const SERVER = rows(`
0.3.1: inference-schema==1.1.0 flask==1.0.3 applicationinsights>=0.11.7
0.3.2: inference-schema==1.3.0 flask==1.0.3 applicationinsights>=0.11.7
0.4.0: inference-schema==1.1.0 flask==1.0.3 opencensus-ext-azure==1.0.8
0.4.1: inference-schema==1.3.0 flask==1.0.3 applicationinsights>=0.11.7
0.4.11: inference-schema==1.3.0 flask==1.0.3 Werkzeug<2.0,>=0.15 Jinja2<3.1,>=2.10.1 applicationinsights>=0.11.7
0.4.13: inference-schema==1.3.0 flask==1.0.3 Werkzeug<2.0,>=0.15 Jinja2<3.1,>=2.10.1 applicationinsights>=0.11.7 opencensus-ext-azure~=1.1.0
0.5.0: inference-schema==1.3.0 flask==1.0.3 opencensus-ext-azure==1.1.0
0.6.0: inference-schema~=1.3.1 flask==1.0.3 Werkzeug<2.0,>=0.15 Jinja2<3.1,>=2.10.1 opencensus-ext-azure~=1.1.0
0.6.1: inference-schema~=1.4.0 flask==1.0.3 Werkzeug<2.0,>=0.15 Jinja2<3.1,>=2.10.1 opencensus-ext-azure~=1.1.0
0.7.1: inference-schema~=1.4.0 flask<2.1.0 opencensus-ext-azure~=1.1.0
0.7.2: inference-schema~=1.4.0 flask<2.2.0 opencensus-ext-azure~=1.1.0
0.7.3: inference-schema~=1.4.0 flask<2.2.0 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0
0.7.7: inference-schema~=1.5.0 flask flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0
0.8.0: inference-schema~=1.5.0 flask<2.3.0 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0 pydantic<1.11,>=1.9
0.8.4.2: inference-schema~=1.7.0 flask<2.3.0 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0 pydantic<1.11,>=1.9
1.1.0: inference-schema~=1.7.0 flask<=2.3.2 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0 pydantic~=2.0 pydantic-settings werkzeug<3.0.0
1.2.2: inference-schema~=1.7.0 flask<=2.3.2 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0 pydantic~=2.0 pydantic-settings werkzeug>=3.0.3
1.3.0: inference-schema~=1.8.0 flask<=2.3.2 flask-cors~=3.0.1 opencensus-ext-azure~=1.1.0 pydantic~=2.7.1 pydantic-settings werkzeug>=3.0.3
1.3.2: inference-schema~=1.8.0 flask<=2.3.2 flask-cors~=4.0.1 opencensus-ext-azure~=1.1.0 pydantic~=2.7.1 pydantic-settings werkzeug>=3.0.3
1.3.4: inference-schema~=1.8.0 flask<=2.3.2 flask-cors~=5.0.0 opencensus-ext-azure~=1.1.0 pydantic~=2.9.0 pydantic-settings werkzeug>=3.0.3
1.4.1 (3.9): inference-schema~=1.8.0 flask~=3.1.0 flask-cors~=6.0.0 opencensus-ext-azure~=1.1.0 pydantic~=2.11.0 pydantic-settings werkzeug>=3.0.3
1.5.0 (3.9): inference-schema~=1.8.0 flask~=3.1.0 flask-cors~=6.0.0 opentelemetry-sdk==1.33.0 opentelemetry-api==1.33.0 pydantic~=2.11.0 pydantic-settings werkzeug>=3.0.3
1.5.1 (3.9): inference-schema~=1.8.0 flask~=3.1.0 flask-cors~=6.0.0 opentelemetry-sdk==1.33.0 opentelemetry-api==1.33.0 pydantic~=2.12.0 pydantic-settings werkzeug>=3.0.3
`);

/**
 * azureml-defaults: each minor version from 1.30 to 1.62; before, 1.0.85, 1.10 and 1.20 alone were read. With what its
 * azureml-dataset-runtime brings, and until 1.32 azureml-model-management-sdk.
 */
const DEFAULTS = rows(`
1.0: flask==1.0.3 applicationinsights>=0.11.7 numpy>=1.13.0 pandas>=0.20.2 dill>=0.2.7.1
1.10.0: flask==1.0.3 applicationinsights>=0.11.7 numpy>=1.13.0 pandas>=0.20.2 dill>=0.2.7.1 pyarrow>=0.17.0
1.20.0: flask==1.0.3 applicationinsights>=0.11.7 numpy!=1.19.3 pandas>=0.20.2 dill>=0.2.7.1 pyarrow<2.0.0,>=0.17.0
1.30.0: flask==1.0.3 applicationinsights>=0.11.7 numpy!=1.19.3 pandas>=0.20.2 dill>=0.2.7.1 pyarrow<4.0.0,>=0.17.0
1.32.0: flask==1.0.3 applicationinsights>=0.11.7 opencensus-ext-azure==1.0.8 numpy!=1.19.3 pandas>=0.20.2 dill>=0.2.7.1 pyarrow<4.0.0,>=0.17.0
1.33.0: flask==1.0.3 applicationinsights>=0.11.7 opencensus-ext-azure==1.0.8 numpy!=1.19.3 pyarrow<4.0.0,>=0.17.0
1.34.0: azureml-inference-server-http~=0.3.1 opencensus-ext-azure==1.0.8 numpy!=1.19.3 pyarrow<4.0.0,>=0.17.0
1.36.0: azureml-inference-server-http~=0.4.1 numpy!=1.19.3 pyarrow<4.0.0,>=0.17.0
1.44.0: azureml-inference-server-http~=0.7.2 numpy!=1.19.3 pyarrow<6.0.1,>=0.17.0
1.46.0: azureml-inference-server-http~=0.7.2 numpy!=1.19.3 pyarrow<=9.0.0,>=0.17.0
1.49.0: azureml-inference-server-http~=0.8.0 numpy!=1.19.3,<1.24 pyarrow<=9.0.0,>=0.17.0
1.52.0: azureml-inference-server-http~=0.8.0 numpy!=1.19.3,<1.24 pyarrow<=11.0.0,>=0.17.0
1.55.0: azureml-inference-server-http~=1.0.0 numpy!=1.19.3,<1.24 pyarrow>=0.17.0
1.57.0: azureml-inference-server-http~=1.2.1 numpy!=1.19.3,<1.24 pyarrow>=0.17.0
1.58.0: azureml-inference-server-http~=1.3 numpy!=1.19.3,<1.24 pyarrow>=0.17.0
1.61.0 (3.9): azureml-inference-server-http~=1.4 numpy!=1.19.3,<2.3.3 pyarrow<21.0.0,>=0.17.0
`);

/** Of azureml-core, which azureml-defaults brings in its own version; with the bounds that 1.48, 1.50, 1.55 and 1.60 share. */
const CORE =
  "requests[socks]<3.0.0,>=2.19.1 pytz python-dateutil<3.0.0,>=2.7.3 azure-core<2.0.0 azure-common<2.0.0,>=1.1.12 " +
  "msrest<=0.7.1,>=0.5.1 msal<2.0.0,>=1.15.0 adal<=1.2.7,>=1.2.0 PyJWT<3.0.0 jmespath<2.0.0";

/** The newest row that conditions allow; of versions that no row names, the row before. */
function newest(table: Row[], versions: string, python: Release): Row {
  const named = conditions(versions)
    .filter(({ operator }) => operator !== "!=")
    .map(({ version }) => release(version))
    .sort(compare);
  const isPinned = conditions(versions).some(({ operator, prefix }) => operator.startsWith("==") && !prefix);
  const allowed = table.filter(({ since }) => !isPinned && meets(release(since), versions));
  const before = table.filter(({ since }) => compare(release(since), named.at(-1) ?? [Infinity]) <= 0);
  const runs = (each: Row) => compare(release(each.python), python) <= 0;
  return allowed.findLast(runs) ?? before.findLast(runs) ?? (table[0] as Row);
}

/** What azureml-inference-server-http brings, as pip's lines. */
export const ofServer = (versions: string, python: string): string[] =>
  newest(SERVER, versions, release(python)).brings.split(" ");

/** What azureml-defaults brings, as pip's lines. */
export function ofDefaults(versions: string, python: string): string[] {
  const [first = "", ...rest] = newest(DEFAULTS, versions, release(python)).brings.split(" ");
  const [, server] = /^azureml-inference-server-http(.*)$/.exec(first) ?? [];
  const own = server === undefined ? [first] : ofServer(server, python);
  return [...own, ...rest, ...ofSDK(versions), ...CORE.split(" ")];
}

/** What azureml-sdk and azureml-defaults share. Their packages come out together: 1.48.0.post1 brings azureml-core~=1.48.0. */
export function ofSDK(versions: string): string[] {
  const same = versions.replace(/^==\s*(\d+\.\d+)\.\d+[\w.]*$/, "~=$1.0");
  return [`azureml-core${same}`, `azureml-dataset-runtime[fuse]${same}`];
}

/** The oldest inference-schema, and its oldest Python that an older one does not run on: from `Requires-Python` of its wheels on PyPI. */
const SCHEMAS = [
  { since: "1.8.0", python: "3.12" },
  // 1.7.1 and 1.7.2.
  { since: "1.7.0", python: "3.11" },
  { since: "1.5.0", python: "3.9" },
];

/** A requirement of inference-schema that can be met on this Python. @param line "inference-schema~=1.5.0" */
export function schemaOn(python: string, line: string): string {
  const [bound] = conditions(line);
  const least = SCHEMAS.find((row) => compare(release(python), release(row.python)) >= 0);
  const isYoung = !bound || !least || compare(release(bound.version), release(least.since)) >= 0;
  return isYoung ? line : `inference-schema~=${least.since}`;
}
