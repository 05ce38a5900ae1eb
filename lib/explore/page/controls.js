import { element } from "./element.js";

/** A number with a slider: its label, its value beside it, and the slider. */
export function slider(id, title, { least, most, step, value }) {
  const input = element("input", { id, type: "range", min: least, max: most, step, value });
  const output = element("output", { htmlFor: id, textContent: input.value });
  input.addEventListener("input", () => output.textContent = input.value);
  const label = element("label", { htmlFor: id });
  label.append(element("span", { textContent: title }), " ", output);
  return {
    box: controlOf(label, input),
    read: () => input.valueAsNumber,
    /** Stands at a value, also one that is further or between its steps. */
    set(value, { most: furthest = most, step: fineness = step } = {}) {
      input.max = Math.max(furthest, value);
      const isBetween = Math.abs(value / fineness - Math.round(value / fineness)) > 1e-6;
      input.step = isBetween ? "any" : fineness;
      input.value = value;
      output.textContent = input.value;
    },
  };
}

/** A number with a field of its own. */
function field(id, title, { least, most, value }) {
  const input = element("input", { id, type: "number", min: least, max: most, step: 1, value });
  const label = element("label", { htmlFor: id, textContent: title });
  return {
    box: controlOf(label, input),
    read: () => input.valueAsNumber,
    set: (value) => input.value = value,
  };
}

/** One of some words. */
export function choice(id, title, words) {
  const select = element("select", { id });
  const label = element("label", { htmlFor: id, textContent: title });
  const offer = (words) =>
    select.replaceChildren(
      ...words.map(({ value, text = value }) => element("option", { value, textContent: text })),
    );
  offer(words);
  return { box: controlOf(label, select), select, offer };
}

function controlOf(...children) {
  const box = element("div", { className: "control" });
  box.append(...children);
  return box;
}

/**
 * Fills the form with the prompt and the numbers that there are to set.
 *
 * @returns what reads them, and what sets them.
 */
export function showControls(settings) {
  const prompt = document.querySelector("#prompt");
  const numbers = {
    topK: slider("top-k", "Candidates, top k", { ...settings.topK, step: 1 }),
    temperature: slider("temperature", "Temperature", { ...settings.temperature, step: 0.05 }),
    maxNewTokens: field("max-new-tokens", "Tokens", settings.maxNewTokens),
    samples: field("samples", "Samples", settings.samples),
    seed: field("seed", "Seed", settings.seed),
  };
  const { topK, temperature, ...fields } = numbers;
  document.querySelector("#sliders").append(topK.box, temperature.box);
  document.querySelector("#numbers").append(...Object.values(fields).map(({ box }) => box));
  return {
    read: () => ({
      prompt: prompt.value,
      ...Object.fromEntries(Object.entries(numbers).map(([name, { read }]) => [name, read()])),
    }),
    set(state) {
      prompt.value = state.prompt;
      for (const [name, { set }] of Object.entries(numbers)) set(state[name]);
    },
  };
}
