import { SteeredModel } from "./steered_model.js";

const at = (id) => document.getElementById(id);
const number = (id) => Number(at(id).value);

/** Models by what computes them. */
const models = new Map();

async function model() {
  const provider = at("provider").value;
  if (!models.has(provider)) {
    say("Loading the model …");
    models.set(provider, await SteeredModel.open(provider));
  }
  return models.get(provider);
}

/** A slider for each label: from −β, away from it, to β, towards it. */
function addLabels({ guides }) {
  guides.forEach(({ name, labels, label: first, beta, inverse }, guide) => {
    labels.forEach((label, index) => {
      const row = document.createElement("label");
      row.textContent = labels.length > 1 || guides.length > 1 ? `${label} (${name})` : label;
      const slider = document.createElement("input");
      Object.assign(slider, { type: "range", min: -100, max: 100, className: "strength" });
      slider.value = label === first ? (inverse ? -beta : beta) : 0;
      Object.assign(slider.dataset, { guide, index });
      const shown = document.createElement("output");
      const show = () => shown.textContent = `β = ${slider.value}`;
      slider.addEventListener("input", show);
      show();
      row.append(slider, shown);
      at("labels").append(row);
    });
  });
}

function strengths() {
  const all = [];
  for (const { value, dataset: { guide, index } } of document.querySelectorAll(".strength")) {
    (all[guide] ??= [])[index] = { towards: Math.max(0, value), away: Math.max(0, -value) };
  }
  return all;
}

function say(text) {
  at("said").textContent = text;
}

let running;

async function write() {
  running?.abort();
  const { signal } = running = new AbortController();
  const settings = {
    topK: number("top-k"),
    temperature: number("temperature"),
    maxNewTokens: number("max-new-tokens"),
    seed: number("seed"),
    signal,
  };
  const prompt = at("prompt").value;
  try {
    const steered = await model();
    const began = performance.now();
    let tokens = 0;
    for (const [id, by] of [["unsteered", []], ["steered", strengths()]]) {
      at(id).textContent = prompt;
      const written = await steered.write(prompt, { ...settings, strengths: by }, (text) => {
        at(id).textContent = text;
      });
      at(id).dataset.ids = written.join(" ");
      tokens += written.length;
    }
    const seconds = (performance.now() - began) / 1000;
    say(
      `${tokens} tokens, ${(1000 * seconds / tokens).toFixed(0)} ms each (${at("provider").value})`,
    );
  } catch (error) {
    for (const id of ["unsteered", "steered"]) at(id).textContent = "";
    const other = at("provider").value === "webgpu" ? " Choose the CPU (WASM)." : "";
    say(`error: ${error.message}${other}`);
  }
}

const step = await (await fetch(new URL("step.json", import.meta.url))).json();
addLabels(step);
at("top-k").value = step.topK;
if (!navigator.gpu) at("provider").querySelector("[value=webgpu]").disabled = true;
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  write();
});
say("Ready: the model is loaded with the first text.");
