import { element } from "./element.js";

/** Where the pointer is, and whether it got there by itself: browsers tell of a move when the page moves under it too. */
const pointer = { x: NaN, y: NaN, hasMoved: false };

document.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
  Object.assign(pointer, { x, y, hasMoved: x !== pointer.x || y !== pointer.y });
}, { capture: true });

/** One of the two texts: a piece of text for every token, of which one can be in focus. */
export class WrittenText {
  #name;
  #written;
  #status;
  #onLook;
  #pieces = [];

  /** @param onLook called with the tokens that a reader looks at, and their place. */
  constructor(name, onLook) {
    this.#name = name;
    this.#onLook = onLook;
    const section = document.querySelector(`#${name}`);
    this.#written = section.querySelector(".written");
    this.#status = section.querySelector(".status");
    this.#written.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Begins again with a prompt. */
  begin(prompt) {
    this.#pieces = [];
    this.#written.replaceChildren(element("span", { className: "prompt", textContent: prompt }));
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
    if (reward !== undefined) piece.style.setProperty("--reward", reward);
    const look = () => this.#onLook(this.#name, place, tokens);
    piece.addEventListener("pointermove", ({ pointerType }) => {
      // a finger that moves may be scrolling, and a token that comes to a resting mouse is not pointed at
      if (pointerType === "mouse" && pointer.hasMoved) look();
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
    this.#written.append(piece);
    return place;
  }

  end({ tokens, rate }) {
    const speed = rate === undefined
      ? ""
      : `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US")} tokens/s`;
    this.#status.textContent = `${tokens} ${tokens === 1 ? "token" : "tokens"}${speed}`;
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
    this.#pieces.forEach((piece, i) => {
      if (i === place) piece.setAttribute("aria-current", "true");
      else piece.removeAttribute("aria-current");
    });
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
