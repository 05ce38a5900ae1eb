import { Tokenizer } from "@huggingface/tokenizers";
import * as ort from "onnxruntime-web/webgpu";
import { gumbelStream } from "./random.js";

ort.env.wasm.wasmPaths = new URL("./onnxruntime/", import.meta.url).href;

/** A base model and what steers it, as one graph that takes a step: the files of this folder. */
export class SteeredModel {
  #session;
  #tokenizer;
  #onDevice;
  /** What `step.json` says: guides with their labels, the default top k, the longest text. */
  step;

  constructor(session, tokenizer, step, onDevice) {
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#onDevice = onDevice;
    this.step = step;
  }

  /** @param provider `"webgpu"` or `"wasm"`. */
  static async open(provider) {
    const at = (file) => new URL(file, import.meta.url).href;
    const json = async (file) => {
      const answer = await fetch(at(file));
      if (!answer.ok) throw new Error(`${file} cannot be read (${answer.status})`);
      return await answer.json();
    };
    const [step, tokenizer, settings] = await Promise.all([
      json("step.json"),
      json("tokenizer.json"),
      json("tokenizer_config.json").catch(() => ({})),
    ]);
    const onDevice = provider === "webgpu";
    const session = await ort.InferenceSession.create(at("model.onnx"), {
      executionProviders: [provider],
      // errors: that shapes are computed on the CPU is as it should be
      logSeverityLevel: 3,
      externalData: step.weights.map((path) => ({ path, data: at(path) })),
      preferredOutputLocation: onDevice
        ? Object.fromEntries(step.carried.map(({ output }) => [output, "gpu-buffer"]))
        : undefined,
    });
    return new SteeredModel(session, new Tokenizer(tokenizer, settings), step, onDevice);
  }

  /**
   * Continues a prompt, and calls back with the text so far, prompt included, after every token.
   *
   * @param strengths by guide and label: `{ towards, away }`.
   * @returns the token ids, without the one that ended the text.
   */
  async write(prompt, { strengths, topK, temperature, maxNewTokens, seed, signal }, onText) {
    const { parts, carried, ends, vocabulary, context } = this.step;
    const k = Math.min(topK, vocabulary);
    const ids = this.#tokenizer.encode(prompt, { add_special_tokens: false }).ids;
    const noise = temperature > 0 ? gumbelStream(seed, "noise", 0, 0) : () => 0;
    const fixed = {
      ...this.#strengths(strengths),
      temperature: floats([], [temperature > 0 ? temperature : 1]),
      k: integers([1], [k]),
    };
    const state = Object.fromEntries(
      carried.map(({ input, dims }) => [
        input,
        floats(dims, Array(dims.reduce((size, dim) => size * dim, 1)).fill(0)),
      ]),
    );
    const begun = parts.map(({ begin, empty }) => ids.length > 0 ? [...begin, ...ids] : empty);
    const most = Math.min(
      maxNewTokens,
      ...begun.map(({ length }) => context - length),
    );
    const written = [];
    for (let next = begun; written.length < most && !signal?.aborted;) {
      const feeds = { ...fixed, ...state };
      parts.forEach(({ ids, padding }, i) => {
        if (ids) feeds[ids] = integers([1, next[i].length], next[i]);
        if (padding) feeds[padding] = integers([1], [0]);
      });
      feeds.noise = floats([1, 1, k], Array.from({ length: k }, noise));
      const outputs = await this.#session.run(feeds, this.#wanted());
      for (const { input, output } of carried) {
        if (this.#onDevice) state[input].dispose();
        state[input] = outputs[output];
      }
      const token = Number(outputs.candidates.data[Number(outputs.places.data[0])]);
      if (ends.includes(token)) break;
      written.push(token);
      onText?.(this.#tokenizer.decode([...ids, ...written], { skip_special_tokens: true }));
      next = parts.map(() => [token]);
    }
    if (this.#onDevice) Object.values(state).forEach((value) => value.dispose());
    return written;
  }

  #wanted() {
    return ["candidates", "places", ...this.step.carried.map(({ output }) => output)];
  }

  #strengths(strengths) {
    const feeds = {};
    this.step.guides.forEach(({ labels, towards, away }, guide) => {
      const values = (side) => labels.map((_, label) => strengths[guide]?.[label]?.[side] ?? 0);
      feeds[towards.input] = floats(towards.dims, values("towards"));
      feeds[away.input] = floats(away.dims, values("away"));
    });
    return feeds;
  }
}

function floats(dims, values) {
  return new ort.Tensor("float32", Float32Array.from(values), dims);
}

function integers(dims, values) {
  return new ort.Tensor("int64", BigInt64Array.from(values, BigInt), dims);
}
