import { Automaton, type AutomatonTables } from "./automaton.ts";
import type { Alternative, Grammar, Weight } from "./grammar.ts";

/** How often texts slip from the grammar, so that every text has a probability. */
export interface SlipOptions {
  /** The probability that a writer slips, at each word. @default {0.002} */
  slip?: number;
  /** The probability that a writer who has slipped slips again at the next word. @default {0.5} */
  again?: number;
  /** The probability that a slip ends the text; never before its first word. @default {0.05} */
  breakOff?: number;
  /** The probability that the word of a slip is spelled at random, letter by letter. @default {0.01} */
  spelled?: number;
}

/** What can follow a state: probabilities of each (word, next state) and of the end, by class. */
interface Node {
  /** By `word · 2^26 + next`. */
  readonly arcs: Map<number, Float64Array>;
  readonly stop: Float64Array;
}

type Variables = Readonly<Record<string, string>>;

const nextLimit = 2 ** 26;

/**
 * Compiles a grammar into a probabilistic automaton that gives its exact probabilities.
 *
 * States are made from the end of the text backwards: a rule in front of a state becomes one state
 * whose arcs are the weighted union of its alternatives' arcs, so there are no empty moves. Equal
 * states are merged.
 *
 * Slips: at every state, with probability `slip`, the text breaks off, or any word comes (uniform
 * over the known words, or spelled at random) and the writer is *lost*. Lost, one slips again, or
 * takes up the grammar at any of its places, each as probable as it is frequent in the class. So a
 * word out of place still says what it says about the class.
 *
 * @throws {RangeError} An option is not a probability.
 * @throws {Error} The grammar names an unknown rule, variable, trait or opposite, or is recursive.
 */
export function compileGrammar(grammar: Grammar, options: SlipOptions = {}): Automaton {
  const { slip = 0.002, again = 0.5, breakOff = 0.05, spelled = 0.01 } = options;
  for (const [name, value] of Object.entries({ slip, again, breakOff, spelled })) {
    if (!(value >= 0 && value < 1)) {
      throw new RangeError(`The option ${name} must be at least 0 and below 1: it is ${value}.`);
    }
  }
  const { nodes, start, words } = expand(grammar);
  const priors = Float64Array.from(grammar.classes, ({ prior }) => prior);
  const lost = lostNode(nodes, start, priors.length);
  return new Automaton(
    tablesOf([...nodes, lost], start, words, priors, { slip, again, breakOff, spelled }),
  );
}

/** Expands the grammar into nodes whose arcs lead to nodes of smaller index only. */
function expand(grammar: Grammar): { nodes: Node[]; start: number; words: string[] } {
  const classes = grammar.classes.length;
  const nodes: Node[] = [];
  const nodeByContent = new Map<string, number>();
  const nodeByExpansion = new Map<string, number>();
  const wordIds = new Map<string, number>();
  const open = new Set<string>();
  const traits = new Set(grammar.classes.flatMap((latent) => latent.traits));

  const wordId = (word: string): number => {
    const id = wordIds.get(word) ?? wordIds.size;
    wordIds.set(word, id);
    return id;
  };

  const add = (node: Node): number => {
    const content = `${node.stop}|${[...node.arcs].join(";")}`;
    const id = nodeByContent.get(content) ?? nodes.push(node) - 1;
    nodeByContent.set(content, id);
    return id;
  };

  const single = (word: string, next: number): number =>
    add({
      arcs: new Map([[wordId(word) * nextLimit + next, new Float64Array(classes).fill(1)]]),
      stop: new Float64Array(classes),
    });

  const union = (parts: { weights: Float64Array; node: number }[]): number => {
    const total = new Float64Array(classes);
    for (const { weights } of parts) weights.forEach((weight, c) => total[c] += weight);
    const arcs = new Map<number, Float64Array>();
    const stop = new Float64Array(classes);
    for (const { weights, node } of parts) {
      const shares = weights.map((weight, c) => weight / total[c]);
      for (const [key, probabilities] of nodes[node].arcs) {
        const sum = arcs.get(key) ?? new Float64Array(classes);
        probabilities.forEach((probability, c) => sum[c] += shares[c] * probability);
        arcs.set(key, sum);
      }
      nodes[node].stop.forEach((probability, c) => stop[c] += shares[c] * probability);
    }
    return add({ arcs, stop });
  };

  const weightsOf = (weight: Weight, rule: string): Float64Array => {
    const factors = typeof weight === "number" ? {} : weight;
    for (const trait of Object.keys(factors)) {
      if (!traits.has(trait)) {
        throw new Error(
          `The rule "${rule}" has a weight for the trait "${trait}", which no class has.`,
        );
      }
    }
    const base = typeof weight === "number" ? weight : 1;
    return Float64Array.from(
      grammar.classes,
      (latent) => latent.traits.reduce((product, trait) => product * (factors[trait] ?? 1), base),
    );
  };

  /** The node that writes `name` and goes on at the node `next`. */
  const reference = (name: string, variables: Variables, next: number, rule: string): number => {
    const expansion = JSON.stringify([name, variables, next]);
    const known = nodeByExpansion.get(expansion);
    if (known !== undefined) return known;
    let node: number;
    if (Object.hasOwn(grammar.lexicon, name)) {
      node = union(
        grammar.lexicon[name].split(" ").map((word, rank) => ({
          weights: new Float64Array(classes).fill(1 / (rank + 2)),
          node: single(word, next),
        })),
      );
    } else if (Object.hasOwn(grammar.rules, name)) {
      if (open.has(name)) throw new Error(`The rule "${name}" contains itself.`);
      open.add(name);
      node = union(
        grammar.rules[name].map(([weight, text]: Alternative) => ({
          weights: weightsOf(weight, name),
          node: template(text, variables, next, name),
        })),
      );
      open.delete(name);
    } else {
      throw new Error(`The rule "${rule}" refers to <${name}>, which is no rule and no word list.`);
    }
    nodeByExpansion.set(expansion, node);
    return node;
  };

  const template = (text: string, variables: Variables, next: number, rule: string): number => {
    const replace = (name: string) =>
      name.replace(/\$(!?)(\w+)/g, (_, negated: string, variable: string) => {
        const value = variables[variable];
        const replaced = negated === "" ? value : grammar.opposites?.[value];
        if (replaced === undefined) {
          throw new Error(
            `The rule "${rule}" uses $${negated}${variable}, which has no value there.`,
          );
        }
        return replaced;
      });
    const items = text.match(/<[^>]*>|\S+/g) ?? [];
    return items.reduceRight((following, item) => {
      if (!item.startsWith("<")) return single(item, following);
      const parts = replace(item.slice(1, -1)).split(" ");
      const settings = parts.filter((part) => part.includes("=")).map((part) => part.split("="));
      const name = parts.filter((part) => !part.includes("=")).join(" ");
      const inner = { ...variables, ...Object.fromEntries(settings) };
      return reference(name, inner, following, rule);
    }, next);
  };

  const end = add({ arcs: new Map(), stop: new Float64Array(classes).fill(1) });
  const start = reference(grammar.start, {}, end, grammar.start);
  return { ...reachable(nodes, start), words: [...wordIds.keys()] };
}

/** Leaves out the nodes that only served to build others, keeping the order of the rest. */
function reachable(nodes: Node[], start: number): { nodes: Node[]; start: number } {
  const reached = new Set([start]);
  for (let id = start; id >= 0; id--) {
    if (!reached.has(id)) continue;
    for (const key of nodes[id].arcs.keys()) reached.add(key % nextLimit);
  }
  const ids = [...reached].sort((a, b) => a - b);
  const renumbered = new Map(ids.map((id, i) => [id, i]));
  const kept = ids.map((id) => ({
    stop: nodes[id].stop,
    arcs: new Map(
      [...nodes[id].arcs].map(([key, probabilities]) => {
        const next = key % nextLimit;
        return [key - next + renumbered.get(next)!, probabilities];
      }),
    ),
  }));
  return { nodes: kept, start: renumbered.get(start)! };
}

/** The node that takes up the grammar anywhere: each arc and end by its expected number per text. */
function lostNode(nodes: Node[], start: number, classes: number): Node {
  const visits = nodes.map(() => new Float64Array(classes));
  visits[start].fill(1);
  const arcs = new Map<number, Float64Array>();
  const stop = new Float64Array(classes);
  const total = new Float64Array(classes);
  for (let id = start; id >= 0; id--) {
    for (const [key, probabilities] of nodes[id].arcs) {
      const sum = arcs.get(key) ?? new Float64Array(classes);
      arcs.set(key, sum);
      for (let c = 0; c < classes; c++) {
        const uses = visits[id][c] * probabilities[c];
        sum[c] += uses;
        total[c] += uses;
        visits[key % nextLimit][c] += uses;
      }
    }
    for (let c = 0; c < classes; c++) {
      stop[c] += visits[id][c] * nodes[id].stop[c];
      total[c] += visits[id][c] * nodes[id].stop[c];
    }
  }
  for (const sum of [...arcs.values(), stop]) sum.forEach((_, c) => sum[c] /= total[c]);
  return { arcs, stop };
}

/** Lays the nodes out as arrays; the last node is the lost one. */
function tablesOf(
  nodes: Node[],
  start: number,
  words: string[],
  priors: Float64Array,
  { slip, again, breakOff, spelled }: Required<SlipOptions>,
): AutomatonTables {
  const classes = priors.length;
  const lost = nodes.length - 1;
  const stop = new Float64Array(nodes.length * classes);
  const slips = new Float64Array(nodes.length);
  nodes.forEach((node, id) => {
    const slipping = id === lost ? again : slip;
    const ending = id === start ? 0 : slipping * breakOff;
    slips[id] = slipping - ending;
    node.stop.forEach((probability, c) => {
      stop[id * classes + c] = (1 - slipping) * probability + ending;
    });
  });

  const arcs = nodes.flatMap((node, from) =>
    [...node.arcs].map(([key, probabilities]) => {
      const to = key % nextLimit;
      return { word: (key - to) / nextLimit, from, to, probabilities };
    })
  ).sort((a, b) => a.word - b.word);
  const arcProbability = new Float64Array(arcs.length * classes);
  arcs.forEach(({ from, probabilities }, arc) => {
    const follows = 1 - (from === lost ? again : slip);
    probabilities.forEach((probability, c) => {
      arcProbability[arc * classes + c] = follows * probability;
    });
  });
  const leaving = Int32Array.from(arcs.keys()).sort((a, b) => arcs[a].from - arcs[b].from);

  return {
    ...{ words, priors, start, lost, stop, spelled, arcProbability, leaving },
    slip: slips,
    wordArcs: offsets(arcs.map(({ word }) => word), words.length),
    stateArcs: offsets(arcs.map(({ from }) => from), nodes.length),
    arcWord: Int32Array.from(arcs, ({ word }) => word),
    arcFrom: Int32Array.from(arcs, ({ from }) => from),
    arcTo: Int32Array.from(arcs, ({ to }) => to),
  };
}

/** Where each of the groups 0 … `count` − 1 begins when members are sorted by group: [count + 1]. */
function offsets(groups: readonly number[], count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (const group of groups) starts[group + 1]++;
  for (let i = 0; i < count; i++) starts[i + 1] += starts[i];
  return starts;
}
