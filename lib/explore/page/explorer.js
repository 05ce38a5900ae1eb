import { continuations, readSettings } from "./answer.js";
import { candidatesTable } from "./candidates.js";
import { showControls } from "./controls.js";
import { copies } from "./copy.js";
import { linkOf, stateOf } from "./link.js";
import { Steering } from "./steering.js";
import { TextCard } from "./text_card.js";

const form = document.querySelector("#controls");
const error = document.querySelector("#error");
const notice = document.querySelector("#notice");
const progress = document.querySelector("#progress");
const cards = document.querySelector("#cards");
const panel = document.querySelector("#candidates");
const title = document.querySelector("#candidates-title");
const tables = document.querySelector("#tables");

/** How long a control has to rest, in milliseconds, before the texts are written again. */
const rest = 250;
const page = crypto.randomUUID();

/** The texts by their names, in the order in which they stand: sample by sample, steered beside unsteered. */
let texts = new Map();
/** The piece that is looked at. What is at its place is shown when the texts are written again. */
let looked;
let writing = new AbortController();

try {
  begin(await readSettings());
} catch (problem) {
  showError(problem.message);
}

// on a phone the texts come first
const narrow = matchMedia("(max-width: 47.99rem)");
const fold = () => document.querySelector("#settings").open = !narrow.matches;
narrow.addEventListener("change", fold);
fold();

document.querySelector("#close").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

/** Sets the page up, and writes. */
function begin(settings) {
  const { base, models } = settings;
  document.querySelector("#models").textContent = models.length > 0
    ? `Base model: ${base}`
    : `Base model: ${base}. There is nothing to steer it: name reward models with --reward.`;
  document.querySelector("#legend").hidden = models.length === 0;
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(write, rest);
  };
  const controls = showControls(settings);
  const steering = new Steering(models, later);
  const read = () => ({ ...controls.read(), ways: steering.read() });
  const set = (state) => {
    controls.set(state);
    steering.set(state.ways);
  };
  const write = () => {
    clearTimeout(timer);
    const state = read();
    // so that the address, too, leads back to what is shown
    history.replaceState(null, "", linkOf(state));
    writeAgain(state);
  };
  const open = () => {
    const { state, problems } = stateOf(location.hash, settings);
    set(state);
    write();
    notice.hidden = problems.length === 0;
    notice.textContent = `Not all of the link fits this explorer: ${problems.join("; ")}.`;
  };
  const again = () => {
    const { seed, ...state } = read();
    const { most } = settings.seed;
    set({ ...state, seed: seed < most ? seed + 1 : 0 });
    write();
  };
  form.addEventListener("input", () => {
    notice.hidden = true;
    later();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const isAgain = event.ctrlKey || event.metaKey;
    if (!isAgain && event.target.localName !== "input") return;
    event.preventDefault();
    if (isAgain) again();
    else write();
  });
  document.querySelector("#again").addEventListener("click", again);
  const addressOf = (state) => new URL(linkOf(state), location.href).href;
  copies(document.querySelector("#link"), () => addressOf(read()), showError);
  addEventListener("hashchange", open);
  open();
}

/** Writes the texts in place of those before. */
async function writeAgain(state) {
  writing.abort();
  const { signal } = writing = new AbortController();
  const unended = new Set(namesOf(state));
  try {
    for await (const event of continuations({ ...state, page }, signal)) {
      if (signal.aborted) return;
      show(event, state);
      if (event.kind === "error") return;
      if (event.kind === "end") unended.delete(nameOf(event));
    }
    // a server that is stopped closes what it was writing
    if (unended.size > 0) throw new Error("The explorer has ended: start its command again.");
    progress.textContent = "Written.";
  } catch (problem) {
    if (!signal.aborted) showError(problem.message);
  }
}

function nameOf({ side, sample }) {
  return `${side}-${sample + 1}`;
}

/** The names of the texts that are asked for. */
function namesOf({ ways, samples }) {
  const sides = ways.length > 0 ? ["steered", "unsteered"] : ["unsteered"];
  return Array.from(
    { length: samples },
    (_, sample) => sides.map((side) => nameOf({ side, sample })),
  ).flat();
}

function show(event, state) {
  switch (event.kind) {
    case "prompt":
      error.hidden = true;
      progress.textContent = "Writing …";
      showCards(state, event.text);
      break;
    case "piece": {
      const name = nameOf(event);
      const place = texts.get(name).add(event);
      if (looked?.name === name && looked.place === place) look(name, place, event.tokens);
      break;
    }
    case "end": {
      const name = nameOf(event);
      const text = texts.get(name);
      text.end(event);
      if (looked?.name === name && looked.place >= text.length) close();
      break;
    }
    case "error":
      showError(event.message);
  }
}

/** Begins the texts that are asked for with a prompt. */
function showCards(state, prompt) {
  const names = namesOf(state);
  const before = texts;
  const card = (name) =>
    new TextCard(name, (place, tokens) => look(name, place, tokens), showError);
  texts = new Map(names.map((name) => [name, before.get(name) ?? card(name)]));
  if (names.join() !== [...before.keys()].join()) {
    cards.replaceChildren(...Array.from(texts.values(), ({ element }) => element));
  }
  cards.classList.toggle("alone", state.ways.length === 0);
  for (const [name, text] of texts) {
    text.begin(titleOf(name, state), prompt, state.maxNewTokens);
  }
  if (looked && !texts.has(looked.name)) close();
}

/** What a text is called: "Steered", "Unsteered 2", or "Text" where nothing steers. */
function titleOf(name, { ways, samples }) {
  const [side, number] = name.split("-");
  const word = ways.length === 0 ? "Text" : side === "steered" ? "Steered" : "Unsteered";
  return samples > 1 ? `${word} ${number}` : word;
}

function showError(message) {
  error.textContent = message;
  error.hidden = false;
  progress.textContent = "";
  for (const text of texts.values()) text.stop();
}

/** Shows what the tokens of a piece were chosen from. */
function look(name, place, tokens) {
  if (tokens === undefined || looked?.tokens === tokens) return;
  looked = { name, place, tokens };
  for (const [other, text] of texts) text.mark(other === name ? place : undefined);
  const of = texts.get(name).title.toLowerCase();
  title.textContent = `Candidates of token ${place + 1}, ${of}`;
  tables.replaceChildren(...tokens.map(candidatesTable));
  panel.classList.add("open");
}

/** Looks at no token any more. */
function close() {
  looked = undefined;
  for (const text of texts.values()) text.mark(undefined);
  title.textContent = "Candidates";
  tables.replaceChildren();
  panel.classList.remove("open");
}
