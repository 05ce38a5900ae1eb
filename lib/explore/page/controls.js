import { element } from "./element.js";

/** A number with a slider: its label, its value beside it, and the slider. */
function slider(id, title, { least, most, step, value }) {
  const input = element("input", { id, type: "range", min: least, max: most, step, value });
  const output = element("output", { htmlFor: id, textContent: input.value });
  input.addEventListener("input", () => output.textContent = input.value);
  const label = element("label", { htmlFor: id });
  const name = element("bdi", { textContent: title });
  label.append(name, " ", output);
  return { box: controlOf(label, input), read: () => input.valueAsNumber };
}

/** A number with a field of its own. */
function field(id, title, { least, most, value }) {
  const input = element("input", { id, type: "number", min: least, max: most, step: 1, value });
  const label = element("label", { htmlFor: id, textContent: title });
  return { box: controlOf(label, input), read: () => input.valueAsNumber };
}

function controlOf(...children) {
  const box = element("div", { className: "control" });
  box.append(...children);
  return box;
}

/**
 * Fills the form with what there is to set.
 *
 * @returns what reads the settings as a request has them.
 */
export function showControls(settings) {
  const prompt = document.querySelector("#prompt");
  prompt.value = settings.prompt;
  const betas = settings.strengths.map(({ name, beta, most, step }, i) =>
    slider(`beta-${i}`, `β ${name}`, { least: 0, most, step, value: beta })
  );
  const k = slider("k", "Candidates k", { ...settings.k, step: 1 });
  const temperature = slider("temperature", "Temperature", { ...settings.temperature, step: 0.05 });
  const tokens = field("tokens", "New tokens", settings.tokens);
  const seed = field("seed", "Seed", settings.seed);
  for (const { box } of betas) box.classList.add("strength");
  document.querySelector("#sliders").append(
    ...[...betas, k, temperature].map(({ box }) => box),
  );
  document.querySelector("#numbers").append(tokens.box, seed.box);
  return () => ({
    prompt: prompt.value,
    betas: betas.map(({ read }) => read()),
    k: k.read(),
    temperature: temperature.read(),
    tokens: tokens.read(),
    seed: seed.read(),
  });
}
