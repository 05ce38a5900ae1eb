/** Numbers of a link that stand for themselves. */
const numbers = ["topK", "temperature", "maxNewTokens", "samples", "seed"];

/** What of an address leads back to these settings. */
export function linkOf({ prompt, ways, ...rest }) {
  const link = new URLSearchParams({ prompt });
  for (const { model, label, inverse, beta } of ways) {
    link.append("model", model);
    link.append("label", label);
    link.append("direction", inverse ? "away" : "towards");
    link.append("beta", beta);
  }
  for (const name of numbers) link.set(name, rest[name]);
  return `#${link}`;
}

/**
 * The settings that an address leads to; what it does not name is as the page begins.
 *
 * @param settings what there is to set.
 * @returns the state, and in words what of the address does not fit these models.
 */
export function stateOf(hash, settings) {
  const link = new URLSearchParams(hash.slice(1));
  const problems = [];
  const number = (text, name, { least, most, value }) => {
    if (text === undefined || text === null) return value;
    const given = text.trim() === "" ? NaN : Number(text);
    if (given >= least && given <= most) return given;
    problems.push(`${name} goes from ${least} to ${most}`);
    return value;
  };
  const [models, labels, directions, betas] = ["model", "label", "direction", "beta"].map((name) =>
    link.getAll(name)
  );
  const ways = models.flatMap((name, i) => {
    const model = settings.models.find((model) => model.name === name);
    if (!model) {
      problems.push(`there is no reward model '${name}'`);
      return [];
    }
    const isThere = labels[i] === undefined || model.labels.includes(labels[i]);
    if (!isThere) problems.push(`${name} has no label '${labels[i]}'`);
    return [{
      model: name,
      label: isThere && labels[i] !== undefined ? labels[i] : model.labels[0],
      inverse: directions[i] === "away",
      beta: number(betas[i], "β", { least: 0, most: 1000, value: 10 }),
    }];
  });
  const state = {
    prompt: link.get("prompt") ?? settings.prompt,
    ways: ways.length > 0 ? ways : settings.ways,
  };
  for (const name of numbers) {
    state[name] = number(link.get(name), name, settings[name]);
    if (name !== "temperature" && !Number.isInteger(state[name])) {
      problems.push(`${name} is a whole number`);
      state[name] = settings[name].value;
    }
  }
  return { state, problems };
}
