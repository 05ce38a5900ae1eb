import assert from "node:assert/strict";
import { join } from "node:path";
import { openBase } from "../../lib/bases/open_base.ts";
import { exportSteered } from "../../lib/browser/export_steered.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { writeTinyModels } from "../cli/tiny_inputs.ts";
import { noBrowser, softwareGpu, withPage } from "../explore/browser.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { serveFolder } from "./serve_folder.ts";

const settings = { topK: 10, maxNewTokens: 8, temperature: 0.9, seed: 3 };
const beta = 40;

Deno.test({
  name: "a page that steers writes the tokens that are written here, with WASM and WebGPU" +
    (noBrowser ? " (skipped: there is no chromium)" : ""),
  ignore: noBrowser,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const { base: path, arm } = await writeTinyModels(folder);
      const { base, tokenizer } = await openBase(path, cpu);
      await using _ = base;
      await using model = await openRewardModel(arm, cpu);
      const steering = [{ label: model.labels[0], beta }];
      const guides = [{ model, steering }];
      const out = join(folder, "page");
      await exportSteered({ base }, guides, path, out, { names: ["arm"] });

      const prompt = "the film was";
      const written = async (guides: { model: typeof model; steering: typeof steering }[]) =>
        (await generateTexts(base, tokenizer, [prompt], { ...settings, guides })).ids[0][0];
      const [unsteered, steered] = [await written([]), await written(guides)];
      assert.notDeepEqual(steered, unsteered);

      await using server = serveFolder(out);
      await withPage(async ({ page, troubles }) => {
        await page.goto(server.address);
        await page.waitForSelector(".strength");
        const fill = async (selector: string, value: string | number) => {
          await page.$eval(
            selector,
            (element, value) => void Object.assign(element, { value }),
            String(value),
          );
        };
        await fill("#prompt", prompt);
        await fill("#top-k", settings.topK);
        await fill("#temperature", settings.temperature);
        await fill("#max-new-tokens", settings.maxNewTokens);
        await fill("#seed", settings.seed);
        await fill(".strength", beta);
        for (const provider of ["wasm", "webgpu"]) {
          await page.select("#provider", provider);
          await page.evaluate("said.textContent = ''");
          await page.click("button");
          await page.waitForFunction("/ms each|error/.test(said.textContent)");
          const said = await page.$eval("#said", (element) => element.textContent);
          assert.match(said!, new RegExp(`^\\d+ tokens, \\d+ ms each \\(${provider}\\)$`));
          const ids = (id: string) =>
            page.$eval(`#${id}`, (element) =>
              (element as { dataset?: { ids?: string } }).dataset?.ids);
          assert.equal(await ids("unsteered"), unsteered.join(" "), provider);
          assert.equal(await ids("steered"), steered.join(" "), provider);
        }
        assert.deepEqual(troubles, []);
      }, softwareGpu);
    }),
});
