import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openBase } from "../../lib/bases/open_base.ts";
import { multiply } from "../../lib/graph/dim.ts";
import {
  add,
  asRows,
  gather,
  mul,
  reshape,
  rmsNormalization,
  transpose,
} from "../../lib/graph/ops/mod.ts";
import type { Architecture } from "../../lib/models/architecture.ts";
import type { ModelConfig } from "../../lib/models/backbone.ts";
import { defineArchitecture } from "../../lib/models/architectures.ts";
import { gpt2 } from "../../lib/models/gpt2.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { modelsPage } from "../../docs/models_page.ts";

// An architecture that nobody knows: tokens look at those before them once, without projections, and nothing else happens.
const toy: Architecture<ModelConfig> = {
  modelTypes: ["toy"],
  title: "Toy",
  models: "none",
  classes: { languageModel: "ToyForCausalLM", backbone: "ToyModel" },
  parse(config) {
    const vocabulary = config.size("vocab_size");
    const endOfText = config.token("eos_token_id", vocabulary, 0);
    const width = config.size("width");
    return { vocabulary, width, context: config.size("context"), bos: endOfText, endOfText };
  },
  json: ({ vocabulary, width, context, endOfText }) => ({
    model_type: "toy",
    vocab_size: vocabulary,
    width,
    context,
    eos_token_id: endOfText,
  }),
  blocks: ({ width }) => [{ heads: 1, keyHeads: 1, size: width, scale: 0.5 }],
  shapes: ({ vocabulary, width }) =>
    new Map([["embedding", [vocabulary, width]], ["norm", [width]]]),
  embeddings: () => ({ inputEmbedding: "embedding", outputEmbedding: "embedding" }),
  matrices: () => [],
  hidden({ config: { width }, shapes, parameters, ids, attend, through }) {
    const [batch, time] = ids.shape;
    const embedded = gather(parameters("embedding", shapes.get("embedding")!), ids);
    const last = through(asRows(embedded), (x, i) => {
      const heads = transpose(reshape(x, [batch, time, 1, width]), [0, 2, 1, 3]);
      const mixed = transpose(attend(i, heads, { key: heads, value: mul(heads, 2) }), [0, 2, 1, 3]);
      return add(x, reshape(mixed, [multiply(batch, time), width]));
    });
    return rmsNormalization(last, parameters("norm", [width]), 1e-5);
  },
  fill: (_, name) => name === "norm" ? { mean: 1, deviation: 0 } : { mean: 0, deviation: 1 },
  partOf: (name) => name,
};

Deno.test("an architecture of one's own trains, is saved and opened, and decodes in one graph with its base", async () => {
  const backboneOf = defineArchitecture(toy);
  await withTemporaryFolder(async (folder) => {
    const [base, out] = [join(folder, "base"), join(folder, "arm")];
    const texts = ["a good film", "a bad film", "good", "bad and bad"];
    const tokenizer = trainByteLevelBpe(texts, { vocabSize: 260 });
    const backbone = backboneOf({
      vocabulary: 260,
      width: 8,
      context: 20,
      bos: 259,
      endOfText: 259,
    });
    const values = initialize(backbone.shapes, backbone.fill, new Random(1));
    const config = modelSpecJson({ kind: "lm", backbone, bos: true });
    await writeModelFolder(base, { config, shapes: backbone.shapes, values });
    await writeTokenizer(base, tokenizer);

    const { finished } = await trainRewardModel(
      { texts, labels: Float32Array.of(1, 0, 1, 0), labelNames: ["good"], skipped: 0 },
      cpu,
      { kind: "arm", base, out, epochs: 2, batchSize: 2, holdOut: 0, learningRate: 1e-2 },
    );
    assert.equal(finished, true);

    const opened = await openBase(base, cpu);
    await using own = opened.base;
    await using model = await openRewardModel(out, cpu);
    const ways = [{}, { together: false }].map((way) =>
      generateTexts(own, opened.tokenizer, ["a"], {
        guides: [{ model, steering: [{ label: "good", beta: 5 }] }],
        samples: 3,
        maxNewTokens: 6,
        ...way,
      })
    );
    const [together, apart] = await Promise.all(ways);
    assert.ok(modelsPage().includes("`toy`"), "it is on the page of models");
    assert.ok(own.graph, "it can be one graph with reward models");
    assert.deepEqual(together.texts, apart.texts);
  });
});

Deno.test("what is no architecture cannot be defined, and an architecture's name can be taken once", () => {
  assert.throws(() => defineArchitecture(undefined as never), {
    name: "TypeError",
    message: /^defineArchitecture needs 'architecture': give an architecture: \{ modelTypes, /,
  });
  assert.throws(() => defineArchitecture(gpt2), {
    name: "TypeError",
    message:
      "defineArchitecture: there is an architecture with the model_type 'gpt2' already; choose another name.",
  });
});
