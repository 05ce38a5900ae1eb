import { choice, slider } from "./controls.js";
import { element } from "./element.js";

const directions = [{ value: "towards" }, { value: "away", text: "away from" }];

/** How the texts are steered: models, labels, directions and strengths. */
export class Steering {
  #models;
  #onChange;
  #box = document.querySelector("#ways");
  #ways = [];

  /** @param onChange called when a way is added or removed. */
  constructor(models, onChange) {
    this.#models = models;
    this.#onChange = onChange;
    document.querySelector("#steering").hidden = models.length === 0;
    document.querySelector("#add").addEventListener("click", () => this.#add());
  }

  read() {
    return this.#ways.map(({ read }) => read());
  }

  set(ways) {
    this.#ways = ways.map((way, i) => this.#wayOf(way, i, ways.length));
    this.#box.replaceChildren(...this.#ways.map(({ box }) => box));
  }

  #add() {
    const ways = this.read();
    // what is not steered by yet, if there is such
    const isUsed = (model, label) =>
      ways.some((way) => way.model === model.name && way.label === label);
    const all = this.#models.flatMap((model) => model.labels.map((label) => ({ model, label })));
    const { model, label } = all.find(({ model, label }) => !isUsed(model, label)) ?? all[0];
    this.set([...ways, { model: model.name, label, inverse: false, beta: 10 }]);
    this.#ways.at(-1).focus();
    this.#onChange();
  }

  #remove(place) {
    this.set(this.read().filter((_, i) => i !== place));
    document.querySelector("#add").focus();
    this.#onChange();
  }

  #wayOf(way, i, count) {
    const named = (name) => this.#models.find((model) => model.name === name);
    const names = this.#models.map(({ name, kind }) => ({
      value: name,
      text: `${name} (${kind})`,
    }));
    const model = choice(`model-${i}`, "Reward model", names);
    const direction = choice(`direction-${i}`, "Steer", directions);
    const label = choice(`label-${i}`, "Label", []);
    const beta = slider(`beta-${i}`, "Strength β", { least: 0, ...named(way.model), value: 0 });
    const showLabels = () =>
      label.offer(named(model.select.value).labels.map((value) => ({ value })));
    model.select.value = way.model;
    direction.select.value = way.inverse ? "away" : "towards";
    showLabels();
    label.select.value = way.label;
    beta.set(way.beta);
    let before = named(way.model);
    model.select.addEventListener("input", () => {
      const chosen = named(model.select.value);
      const [kept] = [label.select.value];
      showLabels();
      if (chosen.labels.includes(kept)) label.select.value = kept;
      // a strength means something else to another rule
      beta.set(chosen.step === before.step ? beta.read() : Math.min(10, chosen.most), chosen);
      before = chosen;
    });
    const box = element("fieldset", { className: "way" });
    const legend = element("legend", { textContent: count > 1 ? `Reward ${i + 1}` : "Reward" });
    const pair = element("div", { className: "pair" });
    pair.append(direction.box, label.box);
    box.append(legend, model.box, pair, beta.box);
    if (count > 1) {
      const remove = element("button", { type: "button", textContent: "Remove" });
      remove.className = "quiet";
      remove.ariaLabel = `Remove reward ${i + 1}`;
      remove.addEventListener("click", () => this.#remove(i));
      box.append(remove);
    }
    return {
      box,
      focus: () => model.select.focus(),
      read: () => ({
        model: model.select.value,
        label: label.select.value,
        inverse: direction.select.value === "away",
        beta: beta.read(),
      }),
    };
  }
}
