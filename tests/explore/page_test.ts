import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { noBrowser, type OpenPage, withPage } from "./browser.ts";
import type { Explored } from "../../lib/explore/explored.ts";
import { ask, eventsOf, piecesOf, textOf, towards, withExplorer } from "./tiny_explorer.ts";

/** What the page begins with: the prompt and settings that nobody has touched. */
const initial = {
  prompt: "the film was",
  ways: [towards({})],
  topK: 20,
  temperature: 1,
  seed: 0,
  maxNewTokens: 24,
  samples: 1,
};

/** Waits until the texts are there, which their status tells. */
async function whenWritten(page: Page, texts = 2): Promise<void> {
  await page.waitForFunction(
    `(() => {
      const all = [...document.querySelectorAll(".status")];
      return all.length === ${texts} && all.every(({ textContent }) => /^\\d+ token/.test(textContent));
    })()`,
  );
}

/** Does something that has the texts written again, and waits until they are. */
async function whenWrittenAgain(
  page: Page,
  act: () => Promise<unknown>,
  texts?: number,
): Promise<void> {
  await page.evaluate(`document.querySelectorAll(".status").forEach((x) => x.textContent = "")`);
  await act();
  await whenWritten(page, texts);
}

async function textOn(page: Page, selector: string): Promise<string> {
  return await page.$eval(selector, ({ textContent }) => textContent ?? "");
}

async function fill(page: Page, selector: string, text: string): Promise<void> {
  await page.$eval(selector, (field, text) => (field as { value?: string }).value = text, text);
}

/** One of the texts without the prompt and the mark of its end. */
async function writtenOn(page: Page, side: string, sample = 1): Promise<string> {
  return await page.evaluate(
    `[...document.querySelectorAll("#${side}-${sample} .token:not(.end)")].map((x) => x.textContent).join("")`,
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

interface TestSettings {
  /** What the address ends with. */
  hash?: string;
  /** Makes other models of the usual ones. */
  change?: (explored: Explored) => Explored;
  /** How many texts there are. */
  texts?: number;
}

function browserTest(
  name: string,
  test: (address: string, open: OpenPage) => Promise<void>,
  { hash = "", change, texts }: TestSettings = {},
): void {
  Deno.test({
    name,
    ignore: noBrowser,
    async fn() {
      await withExplorer((address) =>
        withPage(async (open) => {
          await open.page.setViewport({ width: 1200, height: 800 });
          await open.page.goto(address + hash);
          await whenWritten(open.page, texts);
          await test(address, open);
          assert.deepEqual(open.troubles, []);
        }), change);
    },
  });
}

/** The usual model, and another of the same weights. */
const twoModels = (explored: Explored): Explored => {
  const [guide] = explored.guides;
  return { ...explored, guides: [guide, { ...guide, name: "other", steering: [] }] };
};

/** Lets a page read what it has copied. @returns what reads it. */
async function clipboardOf(page: Page, address: string): Promise<() => Promise<string>> {
  await page.browserContext().overridePermissions(new URL(address).origin, [
    "clipboard-read",
    "clipboard-sanitized-write",
  ]);
  return async () => await page.evaluate("navigator.clipboard.readText()") as string;
}

/** Opens the page at an address that ends otherwise, as a link from elsewhere does. */
async function openAt(page: Page, address: string, texts = 2): Promise<void> {
  await page.goto("about:blank");
  await page.goto(address);
  await whenWritten(page, texts);
}

browserTest(
  "a prompt that is typed and a β that is moved are continued as the server says",
  async (address, { page }) => {
    assert.equal(await writtenOn(page, "steered"), textOf(await answer(), "steered"));
    const prompt = "the film was good";
    await page.type("#prompt", " good");
    // on a slow machine the texts are written between two keys as well
    await page.waitForFunction(
      `document.querySelector("#steered-1 .prompt").textContent === "${prompt}"`,
    );
    await whenWritten(page);
    const before = await answer({ prompt });
    assert.equal(await writtenOn(page, "steered"), textOf(before, "steered"));
    assert.equal(await writtenOn(page, "unsteered"), textOf(before, "unsteered"));
    assert.equal(await textOn(page, "#steered-1 .prompt"), prompt);

    await page.focus("#beta-0");
    await whenWrittenAgain(page, () => page.keyboard.press("End"));
    assert.equal(await textOn(page, "output[for=beta-0]"), "1000");
    const after = await answer({ prompt, ways: [towards({ beta: 1000 })] });
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
    const tokens = await page.$$("#steered-1 .token");
    await tokens[place].hover();
    const [{ candidates, taken, unsteered }] = pieces[place].tokens;
    const shown = await candidatesOn(page);
    const order = [...new Set([taken, unsteered, ...candidates.keys()])];
    assert.equal(shown.length, 20);
    const percent = (p: number) => p > 0 && p < 0.0005 ? "< 0.1 %" : `${(100 * p).toFixed(1)} %`;
    const rows = order.map((i) => {
      const { text, logit, reward, added, before, after } = candidates[i];
      return [
        text,
        logit!.toFixed(2).replace("-", "−"),
        reward!.toFixed(3),
        added.toFixed(2).replace("-", "−"),
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
  await page.focus("#steered-1 .copy");
  await page.keyboard.press("Tab");
  assert.equal(await title(), "Candidates of token 1, steered");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await title(), "Candidates of token 3, steered");
  await page.keyboard.press("Home");
  assert.equal(await title(), "Candidates of token 1, steered");
  await page.keyboard.press("Tab");
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
    await fill(page, "#max-new-tokens", "1");
    await whenWrittenAgain(page, () => page.click("#again"));
    const shown = "<img src=x onerror=alert(1)>⟨U+202E⟩␛[31m";
    assert.equal(await textOn(page, "#steered-1 .prompt"), shown);
    assert.equal((await page.$$("img")).length, 0);

    await fill(page, "#prompt", " ");
    await page.click("#again");
    await page.waitForSelector("#error:not([hidden])");
    assert.match(await textOn(page, "#error"), /^The prompt is empty/);
    assert.equal(await textOn(page, "#steered-1 .prompt"), shown);
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
    // settings are folded away, so that the texts are in view
    const isShown = () => page.$eval("#beta-0", (slider) => slider.checkVisibility());
    assert.equal(await isShown(), false);
    assert.ok((await (await page.$("#steered-1"))!.boundingBox())!.y < 370);
    await page.tap("summary");
    assert.equal(await isShown(), true);
    await page.tap("summary");
    await fill(page, "#prompt", "x".repeat(12));
    await whenWrittenAgain(page, () => page.click("#again"));
    const width = () => page.evaluate("document.documentElement.scrollWidth");
    assert.equal(await width(), 360);
    const [steered, unsteered] = await Promise.all(
      ["#steered-1", "#unsteered-1"].map(async (side) =>
        (await (await page.$(side))!.boundingBox())!
      ),
    );
    assert.equal(steered.x, unsteered.x);
    assert.ok(unsteered.y >= steered.y + steered.height);
    // the widest token that is not broken into lines cannot be missed
    const place = await page.evaluate(`(() => {
      const widths = [...document.querySelectorAll("#unsteered-1 .token")].map((token) =>
        token.getClientRects().length === 1 ? token.getBoundingClientRect().width : 0
      );
      return widths.indexOf(Math.max(...widths));
    })()`) as number;
    const token = (await page.$$("#unsteered-1 .token"))[place];
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
      document.querySelector("#steered-1 .token").style.setProperty("--reward", 1);
      return ["#steered-1 .token", "#steered-1 .prompt", ".status", "#hint", "label", "button", ".copy", "legend"].map(contrast);
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
  await page.click("#again");
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
  await page.click("#again");
  await page.waitForSelector("#error:not([hidden])");
  assert.match(await textOn(page, "#error"), /has ended: start its command again/);
  assert.equal(await textOn(page, "#steered-1 .status"), "");
});

browserTest(
  "model, label and direction that are chosen are those that steer",
  async (address, { page }) => {
    const choose = (selector: string, value: string) =>
      whenWrittenAgain(page, () => page.select(selector, value));
    const steered = async (ways: unknown[]) =>
      textOf(await eventsOf(await ask(address, { ...initial, ways })), "steered");
    await choose("#model-0", "other");
    await choose("#label-0", "rude");
    await choose("#direction-0", "away");
    const way = towards({ model: "other", label: "rude", inverse: true });
    assert.equal(await writtenOn(page, "steered"), await steered([way]));

    await whenWrittenAgain(page, () => page.click("#add"));
    assert.equal(await page.$eval("#model-1", (x) => x === x.ownerDocument.activeElement), true);
    const added = { model: "arm", label: "positive", inverse: false, beta: 10 };
    assert.equal(await writtenOn(page, "steered"), await steered([way, added]));
    await whenWrittenAgain(page, () => page.click(`[aria-label="Remove reward 1"]`));
    assert.equal(await writtenOn(page, "steered"), await steered([added]));
    assert.equal((await page.$$(".way")).length, 1);
  },
  { change: twoModels },
);

browserTest("writing again draws another seed", async (address, { page }) => {
  const seed = () => page.$eval("#seed", (field) => Number((field as { value?: string }).value));
  const before = await writtenOn(page, "unsteered");
  assert.equal(await seed(), 0);
  await whenWrittenAgain(page, () => page.click("#again"));
  assert.notEqual(await writtenOn(page, "unsteered"), before);
  assert.equal(await seed(), 1);
  const answer = await eventsOf(await ask(address, { ...initial, seed: await seed() }));
  assert.equal(await writtenOn(page, "unsteered"), textOf(answer, "unsteered"));
  await page.focus("#prompt");
  await page.keyboard.down("Control");
  await whenWrittenAgain(page, () => page.keyboard.press("Enter"));
  await page.keyboard.up("Control");
  assert.equal(await seed(), 2);
  // the seed that was there leads back
  await fill(page, "#seed", "0");
  await whenWrittenAgain(page, () => page.focus("#seed").then(() => page.keyboard.press("Enter")));
  assert.equal(await seed(), 0);
  assert.equal(await writtenOn(page, "unsteered"), before);
});

browserTest("samples stand side by side, steered beside unsteered", async (address, { page }) => {
  await fill(page, "#samples", "3");
  await page.focus("#samples");
  await whenWrittenAgain(page, () => page.keyboard.press("Enter"), 6);
  const events = await eventsOf(await ask(address, { ...initial, samples: 3 }));
  for (const side of ["steered", "unsteered"] as const) {
    for (const sample of [0, 1, 2]) {
      assert.equal(await writtenOn(page, side, sample + 1), textOf(events, side, sample));
    }
  }
  const [steered, unsteered, next] = await Promise.all(
    ["#steered-2", "#unsteered-2", "#steered-3"].map(async (card) =>
      (await (await page.$(card))!.boundingBox())!
    ),
  );
  assert.ok(steered.y === unsteered.y && steered.x < unsteered.x);
  assert.ok(next.y > steered.y && next.x === steered.x);
  assert.equal(await textOn(page, "#unsteered-2 h2"), "Unsteered 2");
  await (await page.$("#unsteered-2 .token"))!.focus();
  assert.equal(await textOn(page, "#candidates-title"), "Candidates of token 1, unsteered 2");
});

browserTest(
  "the reward along a text is a line, which says what it shows and leads to its tokens",
  async (address, { page }) => {
    const pieces = piecesOf(await eventsOf(await ask(address, initial)), "steered");
    const rewards = pieces.map(({ tokens }) => {
      const taken = tokens.map(({ candidates, taken }) => candidates[taken].reward!);
      return taken.reduce((a, b) => a + b) / taken.length;
    });
    const attribute = async (selector: string, name: string): Promise<string> =>
      await page.$eval(selector, (element, name) => element.getAttribute(name) ?? "", name);
    const line = await attribute("#steered-1 .rewards", "d");
    const points = line.slice(1).split("L").map((point) => point.split(" ").map(Number));
    assert.equal(points.length, rewards.length);
    points.forEach(([x, y], i) => {
      assert.ok(Math.abs(x - 100 * i / (initial.maxNewTokens - 1)) < 0.01);
      assert.ok(Math.abs(y - 100 * (1 - rewards[i])) < 0.01);
    });
    const [least, most] = [Math.min(...rewards), Math.max(...rewards)].map((x) => x.toFixed(2));
    assert.match(
      await attribute("#steered-1 svg", "aria-label"),
      new RegExp(`on average, from ${least} to ${most}$`),
    );
    const box = (await (await page.$("#steered-1 svg"))!.boundingBox())!;
    const at = box.x + box.width * points[2][0] / 100;
    await page.mouse.click(at, box.y + box.height / 2);
    assert.equal(await textOn(page, "#candidates-title"), "Candidates of token 3, steered");
    const dot = await attribute("#steered-1 .dot", "d");
    assert.equal(dot, `M${line.slice(1).split("L")[2]}h0`);
    await page.keyboard.press("Escape");
    assert.equal(await attribute("#steered-1 .dot", "d"), "");
  },
);

browserTest("a text is copied with its prompt", async (address, { page }) => {
  const copied = await clipboardOf(page, address);
  await page.click("#unsteered-1 .copy");
  await page.waitForFunction(
    `document.querySelector("#unsteered-1 .copy").textContent === "Copied"`,
  );
  assert.equal(await copied(), initial.prompt + await writtenOn(page, "unsteered"));
});

browserTest(
  "a link that is copied restores all settings",
  async (address, { page }) => {
    const copied = await clipboardOf(page, address);
    await page.select("#model-0", "other");
    await page.select("#direction-0", "away");
    await page.select("#label-0", "rude");
    await page.click("#add");
    const fields = {
      prompt: "a & b #1 ü <b>",
      "max-new-tokens": "7",
      seed: "42",
      samples: "2",
      "beta-0": "12.3",
      "top-k": "9",
      temperature: "0.5",
    };
    await page.$eval("#beta-0", (slider) => slider.setAttribute("step", "any"));
    for (const [id, value] of Object.entries(fields)) await fill(page, `#${id}`, value);
    await page.focus("#seed");
    await whenWrittenAgain(page, () => page.keyboard.press("Enter"), 4);
    await page.click("#link");
    await page.waitForFunction(`document.querySelector("#link").textContent === "Copied"`);
    const link = await copied();
    assert.equal(link, page.url());
    const texts = await Promise.all(
      ["steered", "unsteered"].map((side) => writtenOn(page, side, 2)),
    );

    await openAt(page, address);
    await openAt(page, link, 4);
    const values = await page.evaluate(
      `Object.fromEntries([...document.querySelectorAll("#controls [id]")].map((x) => [x.id, x.value]))`,
    ) as Record<string, string>;
    for (const [id, value] of Object.entries(fields)) assert.equal(values[id], value, id);
    const ways = ["model", "direction", "label"].flatMap((name) =>
      [0, 1].map((i) => values[`${name}-${i}`])
    );
    assert.deepEqual(ways, ["other", "arm", "away", "towards", "rude", "positive"]);
    assert.deepEqual(
      await Promise.all(["steered", "unsteered"].map((side) => writtenOn(page, side, 2))),
      texts,
    );
    assert.equal(page.url(), link);
  },
  { change: twoModels },
);

browserTest(
  "what of a link does not fit is said, and the rest is taken",
  async (_, { page }) => {
    assert.equal(
      await textOn(page, "#notice"),
      "Not all of the link fits this explorer: arm has no label '<b>'; there is no reward model 'gone'; " +
        "topK goes from 1 to 100; seed is a whole number.",
    );
    assert.equal(await textOn(page, "output[for=beta-0]"), "3");
    assert.equal(await textOn(page, "#steered-1 .prompt"), "we");
    // a link that is followed from here is taken as well
    await whenWrittenAgain(page, () => page.evaluate(`location.hash = "#prompt=they"`));
    assert.equal(await textOn(page, "#steered-1 .prompt"), "they");
    assert.equal(await page.$eval("#notice", (notice) => notice.hasAttribute("hidden")), true);
  },
  { hash: "#prompt=we&model=arm&label=<b>&beta=3&model=gone&topK=500&seed=1.5" },
);

browserTest(
  "a base model alone shows its texts, without guidance and rewards",
  async (_, { page }) => {
    assert.match(await textOn(page, "#models"), /nothing to steer it: name reward models/);
    assert.equal(await textOn(page, "#unsteered-1 h2"), "Text");
    for (const selector of ["#steering", "#legend", "#unsteered-1 .line"]) {
      assert.equal(await page.$eval(selector, (x) => x.checkVisibility()), false, selector);
    }
    await (await page.$("#unsteered-1 .token"))!.focus();
    const titles = await page.$$eval(
      "table:first-child thead th",
      (all) => all.map((x) => x.textContent),
    );
    assert.deepEqual(titles, ["Token", "Logit", "Probability"]);
  },
  { change: (explored) => ({ ...explored, guides: [] }), texts: 1 },
);

browserTest("shades above 0.5 can be told from each other in both themes", async (_, { page }) => {
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    // CIE lightness, of which a difference of 2.3 can just be seen
    const lightness = await page.evaluate(`[0.5, 0.6, 0.7, 0.8, 0.9, 1].map((reward) => {
      const token = document.querySelector("#steered-1 .token");
      token.style.setProperty("--reward", reward);
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      for (const element of [document.documentElement, token]) {
        context.fillStyle = getComputedStyle(element).backgroundColor;
        context.fillRect(0, 0, 1, 1);
      }
      const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((part) =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
      );
      return 116 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 16;
    })`) as number[];
    const steps = lightness.slice(1).map((x, i) => Math.abs(x - lightness[i]));
    assert.ok(Math.min(...steps) > 4.6, `${value}: ${steps.map((x) => x.toFixed(1))}`);
  }
});

browserTest(
  "with several rewards and samples nothing overflows, on a desk and on a phone",
  async (_, { page }) => {
    for (const [width, height] of [[1200, 800], [390, 844]]) {
      await page.setViewport({ width, height });
      await page.$eval("details", (settings) => settings.open = true);
      await page.focus("#again");
      const [scroll, cut] = await page.evaluate(`[
        document.documentElement.scrollWidth,
        [...document.querySelectorAll("select, label, button, h2")]
          .filter((x) => x.scrollWidth > x.clientWidth + 1).map((x) => x.id || x.textContent),
      ]`) as [number, string[]];
      assert.equal(scroll, width);
      assert.deepEqual(cut, []);
      await (await page.$("#unsteered-3 .token"))!.focus();
      const [token, panel] = await Promise.all(
        ["#unsteered-3 .token", "#candidates"].map(async (x) =>
          (await (await page.$(x))!.boundingBox())!
        ),
      );
      assert.ok(token.y >= 0 && token.y + token.height <= panel.y, "the token stays in view");
      assert.ok(panel.y + panel.height <= height + 1, "and so do its candidates");
    }
  },
  { hash: "#model=arm&direction=away&model=arm&label=rude&samples=3", texts: 6 },
);

const hostile = "<img src=x onerror=alert(1)>&\u202e\u001b[31m";

browserTest(
  "names of models and labels that look like markup show as what they are, and lead back by a link",
  async (address, { page }) => {
    const shown = "<img src=x onerror=alert(1)>&⟨U+202E⟩␛[31m";
    assert.equal(await textOn(page, "#models"), `Base model: ${shown}`);
    assert.equal(await textOn(page, "#model-0 option"), `${shown} (arm)`);
    assert.equal(await textOn(page, "#label-0 option"), shown);
    assert.equal((await page.$$("img")).length, 0);
    const link = page.url();
    assert.ok(link.includes("model=%3Cimg"));
    const text = await writtenOn(page, "steered");
    await openAt(page, address);
    await openAt(page, link);
    assert.equal(await writtenOn(page, "steered"), text);
    assert.equal(await page.$eval("#notice", (notice) => notice.hasAttribute("hidden")), true);
  },
  {
    change: (explored) => {
      const [{ model }] = explored.guides;
      const renamed = { ...model, labels: [hostile, "rude"] };
      const steering = [{ label: hostile, beta: 500 }];
      return {
        ...explored,
        baseName: hostile,
        guides: [{ name: hostile, model: renamed, steering }],
      };
    },
  },
);
