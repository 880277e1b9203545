import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { golden, startApp, type TestApp } from "./app.ts";

const CHROMIUM = "/usr/bin/chromium";

let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    if (process.getuid?.() !== 0) throw new Error("no chromium: install Debian's package chromium");
    execFileSync("apt-get", ["install", "-y", "-qq", "chromium"], { stdio: ["ignore", "ignore", "inherit"] });
  }
  app = await startApp({ SERVICE_NAME: "Diabetes <script>alert(1)</script>" });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await app?.stop();
});

it("/docs: a person sees the inputs, fills the sample in, sends it, sees the answer", async () => {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on(
    "request",
    (request) => request.url().startsWith(app.url) || problems.push(`outside: ${request.url()}`),
  );
  await page.goto(`${app.url}/docs`);
  expect(await page.title()).toBe("Diabetes <script>alert(1)</script>");
  expect(await page.getByRole("cell", { name: "bmi", exact: true }).count()).toBe(1);
  await page.getByText(/^At start, 5 sample rows scored as the trainer's own predictions say/).waitFor();
  await page.getByRole("button", { name: "Fill in the sample" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^200 in \d+ ms$/).waitFor();
  const sample = app.assembled.service.sample;
  const expected = await (await app.post(sample)).text();
  expect(await page.locator("#answer").textContent()).toBe(expected);
  await page.getByLabel("bmi").fill("high");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^400 in \d+ ms$/).waitFor();
  expect(await page.locator("#answer").textContent()).toContain('column 2 (\\"bmi\\"): expected a number');
  // The 400 itself is logged by the browser.
  expect(problems.filter((problem) => !problem.includes("400 (Bad Request)"))).toEqual([]);
}, 60_000);

it("/docs of a model without the trainer's own predictions says how to give them", async () => {
  const other = await startApp({ AZUREML_MODEL_DIR: golden("ridge") });
  const page = await browser.newPage();
  await page.goto(`${other.url}/docs`);
  await page
    .getByText(/^Not compared with the trainer's own.*"expected": model.predict\(rows\).tolist\(\)/)
    .waitFor();
  await other.stop();
}, 60_000);
