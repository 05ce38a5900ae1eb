import { element } from "./element.js";

/** The table of what a token was chosen from, the one that was taken first, then the one that guidance did away with. */
export function candidatesTable({ candidates, taken, unsteered }) {
  const table = element("table");
  const head = table.createTHead().insertRow();
  for (const title of ["Token", "Logit", "Reward", "Before", "After"]) {
    head.append(element("th", { scope: "col", textContent: title }));
  }
  const body = table.createTBody();
  for (const i of new Set([taken, unsteered, ...candidates.keys()])) {
    const row = body.insertRow();
    row.classList.toggle("taken", i === taken);
    const { text, logit, reward, before, after } = candidates[i];
    const name = element("th", { scope: "row" });
    name.append(element("bdi", { textContent: text }), ...tagsOf(i, taken, unsteered));
    row.append(
      name,
      element("td", { textContent: logit === undefined ? "−∞" : number(logit, 2) }),
      shadedCell(reward),
      barCell(before),
      barCell(after),
    );
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

function shadedCell(reward) {
  const cell = element("td", { textContent: reward === undefined ? "" : number(reward, 3) });
  if (reward !== undefined) cell.style.setProperty("--reward", reward);
  cell.classList.add("reward");
  return cell;
}

function barCell(probability) {
  const cell = element("td", { className: "probability", textContent: percent(probability) });
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
