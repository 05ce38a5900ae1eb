import { element } from "./element.js";

/** The columns after the token's: what each is called, and its cell for a candidate. */
const columns = {
  logit: ["Logit", ({ logit }) => cellOf(logit === undefined ? "−∞" : number(logit, 2))],
  reward: ["Reward", ({ reward }) => shadedCell(reward)],
  added: ["β·r", ({ added }) => cellOf(number(added, 2))],
  before: ["Before", ({ before }) => barCell(before)],
  after: ["After", ({ after }) => barCell(after)],
  probability: ["Probability", ({ before }) => barCell(before)],
};

const { logit, reward, added, before, after, probability } = columns;
const [steered, alone] = [[logit, reward, added, before, after], [logit, probability]];

/** The table of what a token was chosen from, the one that was taken first, then the one that guidance did away with. */
export function candidatesTable({ candidates, taken, unsteered }) {
  const table = element("table");
  const head = table.createTHead().insertRow();
  const shown = candidates[taken].reward === undefined ? alone : steered;
  for (const [title] of [["Token"], ...shown]) {
    head.append(element("th", { scope: "col", textContent: title }));
  }
  const body = table.createTBody();
  for (const i of new Set([taken, unsteered, ...candidates.keys()])) {
    const row = body.insertRow();
    row.classList.toggle("taken", i === taken);
    const name = element("th", { scope: "row" });
    name.append(
      element("bdi", { textContent: candidates[i].text }),
      ...tagsOf(i, taken, unsteered),
    );
    row.append(name, ...shown.map(([, cell]) => cell(candidates[i])));
  }
  return table;
}

/** In words, whether a candidate was taken, and whether it would be without guidance. */
function tagsOf(place, taken, unsteered) {
  const tags = [];
  if (place === taken) tags.push("taken");
  if (place === unsteered && place !== taken) tags.push("unsteered");
  return tags.map((tag) => element("span", { className: "tag", textContent: tag }));
}

function cellOf(textContent) {
  return element("td", { textContent });
}

function shadedCell(reward) {
  const cell = cellOf(number(reward, 3));
  cell.style.setProperty("--reward", reward);
  cell.classList.add("reward");
  return cell;
}

function barCell(probability) {
  const cell = cellOf(percent(probability));
  cell.classList.add("probability");
  cell.style.setProperty("--share", probability);
  return cell;
}

function number(value, digits) {
  return value.toFixed(digits).replace("-", "−");
}

function percent(probability) {
  if (probability > 0 && probability < 0.0005) return "< 0.1 %";
  return `${(100 * probability).toFixed(1)} %`;
}
