import { element } from "./element.js";
import { points } from "./pointer.js";

const drawing = "http://www.w3.org/2000/svg";

/** The reward along a text as a line, from 0 below to 1 above: a token further is a step to the right. */
export class RewardLine {
  element = element("div", { className: "line", hidden: true });
  #picture = shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img" });
  #line = shape("path", { class: "rewards" });
  #dot = shape("path", { class: "dot" });
  #rewards = [];
  #length = 1;

  /** @param onPoint called with the place of the token whose reward is pointed at. */
  constructor(onPoint) {
    this.#picture.append(shape("path", { class: "middle", d: "M0 50H100" }), this.#line, this.#dot);
    const scale = element("div", { className: "ends", ariaHidden: "true" });
    scale.append(...["1", "0"].map((textContent) => element("span", { textContent })));
    this.element.append(scale, this.#picture);
    const point = ({ clientX }) => {
      const { left, width } = this.#picture.getBoundingClientRect();
      const place = Math.round((clientX - left) / width * Math.max(1, this.#length - 1));
      onPoint(Math.min(Math.max(place, 0), this.#rewards.length - 1));
    };
    this.#picture.addEventListener("click", point);
    this.#picture.addEventListener("pointermove", (event) => {
      if (points(event)) point(event);
    });
  }

  /** Begins again. @param length how many tokens there is room for. */
  begin(length) {
    this.#rewards = [];
    this.#length = length;
    this.element.hidden = true;
    this.mark(undefined);
  }

  /** Goes on with the reward of a piece; nothing if it was not rated. */
  add(reward) {
    if (reward === undefined) return;
    this.#rewards.push(reward);
    this.element.hidden = false;
    const line = this.#rewards.map((_, i) => this.#pointOf(i));
    // a line of one token is a dot
    this.#line.setAttribute("d", line.length > 1 ? `M${line.join("L")}` : `M${line[0]}h0`);
    const [least, most] = [Math.min(...this.#rewards), Math.max(...this.#rewards)];
    const mean = this.#rewards.reduce((a, b) => a + b) / this.#rewards.length;
    this.#picture.setAttribute(
      "aria-label",
      `Reward along the text: ${mean.toFixed(2)} on average, from ${least.toFixed(2)} to ${
        most.toFixed(2)
      }`,
    );
  }

  /** Marks the token at a place, or none. */
  mark(place) {
    const isThere = this.#rewards[place] !== undefined;
    this.#dot.setAttribute("d", isThere ? `M${this.#pointOf(place)}h0` : "");
  }

  #pointOf(place) {
    const x = 100 * place / Math.max(1, this.#length - 1);
    return `${x.toFixed(2)} ${(100 * (1 - this.#rewards[place])).toFixed(2)}`;
  }
}

function shape(name, attributes) {
  const made = document.createElementNS(drawing, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
