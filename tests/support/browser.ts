/**
 * A real, headless Chromium for tests: the system's, found on PATH. Where there is none, a test
 * says so and passes; with `CI` set it fails instead.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of the first Chromium on PATH. */
function findChromium(): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      const path = `${folder}/${name}`;
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
  return null;
}

/** Runs a test with the file's browser. What the test opens is closed after it. */
export type WithBrowser = (use: (browser: Browser) => Promise<void>) => Promise<void>;

/**
 * A browser for a test file, started when it is loaded, as that takes seconds, and closed after its
 * last test; contexts keep tests apart. Without Chromium tests print that they were skipped, or
 * throw where `CI` is set.
 */
export async function browserForFile(): Promise<WithBrowser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    return () => {
      if (Deno.env.get("CI")) throw new Error("Cannot test in a browser: Chromium is not on PATH");
      console.log("skipped: Chromium is not installed");
      return Promise.resolve();
    };
  }
  const browser = await chromium.launch({ executablePath, args: ARGS });
  Deno.test.afterAll(async () => await browser.close());
  return async (use) => {
    try {
      await use(browser);
    } finally {
      await Promise.all(browser.contexts().map((context) => context.close()));
    }
  };
}
