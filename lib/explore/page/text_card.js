import { copies } from "./copy.js";
import { element } from "./element.js";
import { points } from "./pointer.js";
import { RewardLine } from "./reward_line.js";

/** One of the texts: a piece of text for every token, of which one can be in focus. */
export class TextCard {
  element;
  #title = element("h2");
  #written = element("bdi", { className: "written", dir: "auto", role: "group" });
  #line = new RewardLine((place) => this.#onLook(place, this.#tokens[place]));
  #status = element("p", { className: "status" });
  #onLook;
  #pieces = [];
  /** What each piece is made of. */
  #tokens = [];

  /**
   * @param id other than those of the other texts.
   * @param onLook called with the place that a reader looks at, and its tokens.
   * @param onProblem called with one sentence, if the text cannot be copied.
   */
  constructor(id, onLook, onProblem) {
    this.#onLook = onLook;
    this.#title.id = `${id}-title`;
    this.element = element("section", { id, className: "side" });
    for (const named of [this.element, this.#written]) {
      named.setAttribute("aria-labelledby", this.#title.id);
    }
    const copy = element("button", {
      type: "button",
      className: "quiet copy",
      textContent: "Copy",
    });
    copies(copy, () => this.#text(), onProblem);
    const heading = element("div", { className: "heading" });
    heading.append(this.#title, copy);
    this.element.append(heading, this.#written, this.#line.element, this.#status);
    this.#written.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Begins again with a prompt. @param length how many tokens there is room for. */
  begin(title, prompt, length) {
    this.#title.textContent = title;
    this.#pieces = [];
    this.#tokens = [];
    this.#written.replaceChildren(element("span", { className: "prompt", textContent: prompt }));
    this.#line.begin(length);
    this.#status.textContent = "Writing …";
  }

  /** Goes on with a piece. @returns its place. */
  add({ text, tokens, isEnd }) {
    const place = this.#pieces.length;
    const piece = element("span", {
      className: "token",
      textContent: isEnd ? "end of text" : text,
      tabIndex: place === 0 ? 0 : -1,
      role: "button",
    });
    piece.classList.toggle("end", isEnd);
    piece.classList.toggle("newline", !isEnd && text.trim() === "" && text.includes("\n"));
    piece.classList.toggle("differs", tokens.some(({ taken, unsteered }) => taken !== unsteered));
    const reward = rewardOf(tokens);
    this.#line.add(reward);
    if (reward !== undefined) piece.style.setProperty("--reward", reward);
    const look = () => this.#onLook(place, tokens);
    piece.addEventListener("pointermove", (event) => {
      if (points(event)) look();
    });
    piece.addEventListener("focus", () => {
      look();
      // the candidates may lie over it
      piece.scrollIntoView({ block: "nearest" });
    });
    piece.addEventListener("click", () => {
      this.#moveTo(place);
      look(); // it may have the focus already
    });
    this.#pieces.push(piece);
    this.#tokens.push(tokens);
    this.#written.append(piece);
    return place;
  }

  end({ tokens, rate }) {
    const speed = rate === undefined
      ? ""
      : `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US")} tokens/s`;
    this.#status.textContent = `${tokens} ${tokens === 1 ? "token" : "tokens"}${speed}`;
  }

  /** What it is called. */
  get title() {
    return this.#title.textContent;
  }

  /** How many pieces there are. */
  get length() {
    return this.#pieces.length;
  }

  /** Says that nothing more comes. */
  stop() {
    this.#status.textContent = "";
  }

  /** Marks the piece at a place, or none, as the one that is looked at. */
  mark(place) {
    this.#line.mark(place);
    this.#pieces.forEach((piece, i) => {
      if (i === place) piece.setAttribute("aria-current", "true");
      else piece.removeAttribute("aria-current");
    });
  }

  /** Prompt and continuation, as they are shown. */
  #text() {
    return [...this.#written.querySelectorAll(":scope > :not(.end)")]
      .map(({ textContent }) => textContent).join("");
  }

  #onKey(event) {
    const at = this.#pieces.indexOf(document.activeElement);
    const last = this.#pieces.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    const isPress = event.key === "Enter" || event.key === " ";
    if (at < 0 || (to === undefined && !isPress)) return;
    event.preventDefault();
    if (isPress) return this.#pieces[at].click();
    this.#moveTo(Math.min(Math.max(to, 0), last));
  }

  /** Makes one piece the one that Tab leads to, and focuses it. */
  #moveTo(place) {
    this.#pieces.forEach((piece, i) => piece.tabIndex = i === place ? 0 : -1);
    this.#pieces[place].focus();
  }
}

/** The reward of what was taken; of several tokens that are one character, their mean. */
function rewardOf(tokens) {
  const rewards = tokens.map(({ candidates, taken }) => candidates[taken].reward);
  if (rewards.includes(undefined)) return undefined;
  return rewards.reduce((a, b) => a + b, 0) / rewards.length;
}
