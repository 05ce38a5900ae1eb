import { continuations, readSettings } from "./answer.js";
import { candidatesTable } from "./candidates.js";
import { showControls } from "./controls.js";
import { WrittenText } from "./written_text.js";

const form = document.querySelector("#controls");
const error = document.querySelector("#error");
const panel = document.querySelector("#candidates");
const title = document.querySelector("#candidates-title");
const tables = document.querySelector("#tables");

/** How long a control has to rest, in milliseconds, before the texts are written again. */
const rest = 250;
const page = crypto.randomUUID();
const texts = {
  steered: new WrittenText("steered", look),
  unsteered: new WrittenText("unsteered", look),
};

/** The piece that is looked at. What is at its place is shown when the texts are written again. */
let looked;
let writing = new AbortController();
let timer;

try {
  const settings = await readSettings();
  const guides = settings.guides.map(({ name, kind }) => `${name} (${kind})`);
  document.querySelector("#models").textContent = `${settings.base}, steered by ${
    guides.join(", ")
  }`;
  const read = showControls(settings);
  const write = () => {
    clearTimeout(timer);
    writeAgain({ ...read(), page });
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(write, rest);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    write();
  });
  write();
} catch (problem) {
  showError(problem.message);
}

document.querySelector("#close").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

/** Writes both texts in place of those before. */
async function writeAgain(request) {
  writing.abort();
  const { signal } = writing = new AbortController();
  const unended = new Set(Object.keys(texts));
  try {
    for await (const event of continuations(request, signal)) {
      if (signal.aborted) return;
      show(event);
      if (event.kind === "error") return;
      if (event.kind === "end") unended.delete(event.side);
    }
    // a server that is stopped closes what it was writing
    if (unended.size > 0) throw new Error("The explorer has ended: start its command again.");
  } catch (problem) {
    if (!signal.aborted) showError(problem.message);
  }
}

function show(event) {
  switch (event.kind) {
    case "prompt":
      error.hidden = true;
      for (const text of Object.values(texts)) text.begin(event.text);
      break;
    case "piece": {
      const place = texts[event.side].add(event);
      if (looked?.side === event.side && looked.place === place) {
        look(event.side, place, event.tokens);
      }
      break;
    }
    case "end":
      texts[event.side].end(event);
      if (looked?.side === event.side && looked.place >= texts[event.side].length) close();
      break;
    case "error":
      showError(event.message);
  }
}

function showError(message) {
  error.textContent = message;
  error.hidden = false;
  for (const text of Object.values(texts)) text.stop();
}

/** Shows what the tokens of a piece were chosen from. */
function look(side, place, tokens) {
  if (looked?.tokens === tokens) return;
  looked = { side, place, tokens };
  for (const [name, text] of Object.entries(texts)) text.mark(name === side ? place : undefined);
  title.textContent = `Candidates of token ${place + 1}, ${side}`;
  tables.replaceChildren(...tokens.map(candidatesTable));
  panel.classList.add("open");
}

/** Looks at no token any more. */
function close() {
  looked = undefined;
  for (const text of Object.values(texts)) text.mark(undefined);
  title.textContent = "Candidates";
  tables.replaceChildren();
  panel.classList.remove("open");
}
