import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { noBrowser, type OpenPage, withPage } from "./browser.ts";
import { ask, eventsOf, piecesOf, textOf, withExplorer } from "./tiny_explorer.ts";

/** What the page begins with: the prompt and settings that nobody has touched. */
const initial = {
  prompt: "the film was",
  betas: [500],
  k: 20,
  temperature: 1,
  seed: 0,
  tokens: 24,
};

/** Waits until both texts are there, which their status tells. */
async function whenWritten(page: Page): Promise<void> {
  await page.waitForFunction(
    `[...document.querySelectorAll(".status")].every(({ textContent }) => /^\\d+ token/.test(textContent))`,
  );
}

/** Does something that has the texts written again, and waits until they are. */
async function whenWrittenAgain(page: Page, act: () => Promise<unknown>): Promise<void> {
  await page.evaluate(`document.querySelectorAll(".status").forEach((x) => x.textContent = "")`);
  await act();
  await whenWritten(page);
}

async function textOn(page: Page, selector: string): Promise<string> {
  return await page.$eval(selector, ({ textContent }) => textContent ?? "");
}

async function fill(page: Page, selector: string, text: string): Promise<void> {
  await page.$eval(selector, (field, text) => (field as { value?: string }).value = text, text);
}

/** One of the texts without the prompt and the mark of its end. */
async function writtenOn(page: Page, side: string): Promise<string> {
  return await page.evaluate(
    `[...document.querySelectorAll("#${side} .token:not(.end)")].map((x) => x.textContent).join("")`,
  ) as string;
}

/** The cells of the table of candidates, row by row, and tags apart. */
async function candidatesOn(page: Page): Promise<string[][]> {
  return await page.evaluate(
    `[...document.querySelectorAll("#tables table:first-child tbody tr")].map((row) => [
      row.querySelector("bdi").textContent,
      ...[...row.querySelectorAll("td")].map((cell) => cell.textContent),
      [...row.querySelectorAll(".tag")].map((tag) => tag.textContent).join(),
    ])`,
  ) as string[][];
}

function browserTest(name: string, test: (address: string, open: OpenPage) => Promise<void>): void {
  Deno.test({
    name,
    ignore: noBrowser,
    async fn() {
      await withExplorer((address) =>
        withPage(async (open) => {
          await open.page.setViewport({ width: 1200, height: 800 });
          await open.page.goto(address);
          await whenWritten(open.page);
          await test(address, open);
          assert.deepEqual(open.troubles, []);
        })
      );
    },
  });
}

browserTest(
  "a prompt that is typed and a β that is moved are continued as the server says",
  async (address, { page }) => {
    assert.equal(await writtenOn(page, "steered"), textOf(await answer(), "steered"));
    const prompt = "the film was good";
    await page.type("#prompt", " good");
    // on a slow machine the texts are written between two keys as well
    await page.waitForFunction(
      `document.querySelector("#steered .prompt").textContent === "${prompt}"`,
    );
    await whenWritten(page);
    const before = await answer({ prompt });
    assert.equal(await writtenOn(page, "steered"), textOf(before, "steered"));
    assert.equal(await writtenOn(page, "unsteered"), textOf(before, "unsteered"));
    assert.equal(await textOn(page, "#steered .prompt"), prompt);

    await page.focus("#beta-0");
    await whenWrittenAgain(page, () => page.keyboard.press("End"));
    assert.equal(await textOn(page, "output[for=beta-0]"), "1000");
    const after = await answer({ prompt, betas: [1000] });
    assert.equal(await writtenOn(page, "steered"), textOf(after, "steered"));
    assert.notEqual(textOf(after, "steered"), textOf(before, "steered"));

    async function answer(changes = {}) {
      return await eventsOf(await ask(address, { ...initial, ...changes }));
    }
  },
);

browserTest("with β = 0 both texts are the same", async (_, { page }) => {
  assert.notEqual(await writtenOn(page, "steered"), await writtenOn(page, "unsteered"));
  await page.focus("#beta-0");
  await whenWrittenAgain(page, () => page.keyboard.press("Home"));
  assert.notEqual(await writtenOn(page, "steered"), "");
  assert.equal(await writtenOn(page, "steered"), await writtenOn(page, "unsteered"));
});

browserTest(
  "a token that is pointed at shows what it was chosen from",
  async (address, { page }) => {
    const pieces = piecesOf(await eventsOf(await ask(address, initial)), "steered");
    const place = pieces.findIndex(({ tokens: [{ taken, unsteered }] }) => taken !== unsteered);
    const tokens = await page.$$("#steered .token");
    await tokens[place].hover();
    const [{ candidates, taken, unsteered }] = pieces[place].tokens;
    const shown = await candidatesOn(page);
    const order = [...new Set([taken, unsteered, ...candidates.keys()])];
    assert.equal(shown.length, 20);
    const percent = (p: number) => p > 0 && p < 0.0005 ? "< 0.1 %" : `${(100 * p).toFixed(1)} %`;
    const rows = order.map((i) => {
      const { text, logit, reward, before, after } = candidates[i];
      return [
        text,
        logit!.toFixed(2).replace("-", "−"),
        reward!.toFixed(3),
        percent(before),
        percent(after),
        i === taken ? "taken" : i === unsteered ? "unsteered" : "",
      ];
    });
    assert.deepEqual(shown, rows);
    assert.equal(
      await textOn(page, "#candidates-title"),
      `Candidates of token ${place + 1}, steered`,
    );
  },
);

browserTest("tokens can be reached and left by the keyboard alone", async (_, { page }) => {
  const title = () => textOn(page, "#candidates-title");
  await page.focus("button[type=submit]");
  await page.keyboard.press("Tab");
  assert.equal(await title(), "Candidates of token 1, steered");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await title(), "Candidates of token 3, steered");
  await page.keyboard.press("Home");
  assert.equal(await title(), "Candidates of token 1, steered");
  await page.keyboard.press("Tab");
  assert.equal(await title(), "Candidates of token 1, unsteered");
  await page.keyboard.press("Escape");
  assert.equal(await title(), "Candidates");
  assert.equal((await candidatesOn(page)).length, 0);
  await page.keyboard.press("Enter");
  assert.equal(await title(), "Candidates of token 1, unsteered");
});

browserTest(
  "text that looks like markup, and an empty prompt, show as what they are",
  async (_, open) => {
    const { page } = open;
    const hostile = "<img src=x onerror=alert(1)>\u202e\u001b[31m";
    await fill(page, "#prompt", hostile);
    await fill(page, "#tokens", "1");
    await whenWrittenAgain(page, () => page.click("button[type=submit]"));
    const shown = "<img src=x onerror=alert(1)>⟨U+202E⟩␛[31m";
    assert.equal(await textOn(page, "#steered .prompt"), shown);
    assert.equal((await page.$$("img")).length, 0);

    await fill(page, "#prompt", " ");
    await page.click("button[type=submit]");
    await page.waitForSelector("#error:not([hidden])");
    assert.match(await textOn(page, "#error"), /^The prompt is empty/);
    assert.equal(await textOn(page, "#steered .prompt"), shown);
    // the browser itself says that the answer was no good
    assert.match((open.troubles as string[]).pop()!, /status of 400/);
  },
);

browserTest(
  "on a phone columns stack, a tap shows candidates, and nothing overflows",
  async (_, { page }) => {
    await page.setViewport({ width: 360, height: 740, hasTouch: true, isMobile: true });
    // the page was loaded again
    await whenWritten(page);
    await fill(page, "#prompt", "x".repeat(12));
    await whenWrittenAgain(page, () => page.click("button[type=submit]"));
    const width = () => page.evaluate("document.documentElement.scrollWidth");
    assert.equal(await width(), 360);
    const [steered, unsteered] = await Promise.all(
      ["#steered", "#unsteered"].map(async (side) => (await (await page.$(side))!.boundingBox())!),
    );
    assert.equal(steered.x, unsteered.x);
    assert.ok(unsteered.y >= steered.y + steered.height);
    // the widest token that is not broken into lines cannot be missed
    const place = await page.evaluate(`(() => {
      const widths = [...document.querySelectorAll("#unsteered .token")].map((token) =>
        token.getClientRects().length === 1 ? token.getBoundingClientRect().width : 0
      );
      return widths.indexOf(Math.max(...widths));
    })()`) as number;
    const token = (await page.$$("#unsteered .token"))[place];
    await token.tap();
    const title = `Candidates of token ${place + 1}, unsteered`;
    assert.equal(await textOn(page, "#candidates-title"), title);
    assert.equal(await width(), 360);
    const [box, panel] = [
      await token.boundingBox(),
      await (await page.$("#candidates"))!.boundingBox(),
    ];
    assert.ok(box!.y >= 0 && box!.y + box!.height <= panel!.y, "the token stays in view");
    await page.tap("#close");
    assert.equal(await textOn(page, "#candidates-title"), "Candidates");
  },
);

browserTest("text on the strongest shading can be read in both themes", async (_, { page }) => {
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    // drawn, as colours are given in several forms
    const contrasts = await page.evaluate(`(() => {
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const luminance = (...colours) => {
        for (const colour of colours) {
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
        }
        const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((part) =>
          part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
        );
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const page = getComputedStyle(document.documentElement).backgroundColor;
      const contrast = (selector) => {
        const { color, backgroundColor } = getComputedStyle(document.querySelector(selector));
        const [text, ground] = [luminance(page, backgroundColor, color), luminance(page, backgroundColor)];
        return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      };
      document.querySelector("#steered .token").style.setProperty("--reward", 1);
      return ["#steered .token", "#steered .prompt", ".status", "#hint", "label", "button"].map(contrast);
    })()`) as number[];
    for (const contrast of contrasts) assert.ok(contrast >= 4.5, `${value}: ${contrasts}`);
    const ground = await page.evaluate(
      "getComputedStyle(document.documentElement).backgroundColor",
    );
    assert.equal(ground === "rgb(255, 255, 255)", value === "light");
  }
});

browserTest("an explorer that has ended is said to have", async (_, { page, troubles }) => {
  await page.setOfflineMode(true);
  await page.click("button[type=submit]");
  await page.waitForSelector("#error:not([hidden])");
  assert.match(await textOn(page, "#error"), /does not answer: start its command again/);
  assert.match((troubles as string[]).pop()!, /ERR_INTERNET_DISCONNECTED/);
});

browserTest("an explorer that ends while it writes is said to have ended", async (_, { page }) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (!request.url().endsWith("/continuations")) return request.continue();
    return request.respond({ body: `${JSON.stringify({ kind: "prompt", text: "we" })}\n` });
  });
  await page.click("button[type=submit]");
  await page.waitForSelector("#error:not([hidden])");
  assert.match(await textOn(page, "#error"), /has ended: start its command again/);
  assert.equal(await textOn(page, "#steered .status"), "");
});
