import puppeteer, { type Page } from "puppeteer-core";
import { onPath } from "../on_path.ts";
import { skipUnless } from "../require.ts";

const [executablePath] = onPath("chromium");

/** The value of `ignore:` for a test that needs a browser: `chromium` in ARMATURE_REQUIRE asks for it. */
export const noBrowser = skipUnless("chromium", executablePath !== undefined);

/** A page in a browser, with whatever went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors, messages on the console, dialogs, and requests that left this machine. */
  readonly troubles: readonly string[];
}

/** What makes the browser give out the GPU of its own software, where there is no other. */
export const softwareGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Runs `test` with an empty page of a real browser, which is closed afterwards. @param flags of the browser. */
export async function withPage(
  test: (open: OpenPage) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const browser = await puppeteer.launch({
    executablePath,
    // root has no sandbox
    args: [...flags, ...(Deno.uid() === 0 ? ["--no-sandbox"] : [])],
  });
  try {
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(`error: ${(error as Error).message}`));
    page.on("console", (message) => troubles.push(`console: ${message.text()}`));
    page.on("dialog", (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== "127.0.0.1") troubles.push(`request: ${request.url()}`);
    });
    await test({ page, troubles });
  } finally {
    await browser.close();
  }
}
