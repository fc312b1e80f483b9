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

/**
 * Runs `use` with a browser and closes it. Without Chromium it prints that it was skipped, or
 * throws where `CI` is set.
 */
export async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null) {
    if (Deno.env.get("CI")) throw new Error("Cannot test in a browser as Chromium is not on PATH");
    console.log("skipped: Chromium is not installed");
    return;
  }
  const browser = await chromium.launch({ executablePath, args: ARGS });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}
