import {
  defaultBeta,
  type LabelStrengths,
  type Steering,
  strengthsOf,
} from "../decode/guidance.ts";
import type { OptionsOf } from "../options/option.ts";
import { wrongRequest } from "./api_error.ts";
import type { requestedGuideOptions } from "./serve_model_options.ts";
import type { Served } from "./served.ts";

/** A way to steer, as a request names it. */
export type RequestedGuide = OptionsOf<typeof requestedGuideOptions>;

/** A way to steer by one of the models that are served. */
interface Way extends Steering {
  /** Its place among them. */
  readonly guide: number;
}

/**
 * How a request is steered: by the name of its model, such as `base+positive:20`, and by its guides, which add up. A
 * strength below 0 steers away.
 *
 * @param guides those of the request.
 * @returns the strengths of each guide that is served.
 * @throws {ApiError} one sentence, if a model or label is not there, or it is not clear which is meant.
 */
export function steeringOf(
  served: Served,
  model: string,
  guides: readonly RequestedGuide[],
): LabelStrengths[] {
  const ways = [
    ...waysNamed(served, model),
    ...guides.map((guide, i) => wayOf(served, guide, { param: `guides[${i}]` })),
  ];
  return served.guides.map(({ model: { labels } }, i) =>
    strengthsOf(labels, ways.filter(({ guide }) => guide === i))
  );
}

/** The names that a list of models has: the base model, and it steered by each label. */
export function listedNames({ baseName, guides }: Served): string[] {
  const steered = guides.flatMap(({ name, model: { labels } }) =>
    labels.map((label) => {
      const isTheOnly = guides.filter(({ model }) => model.labels.includes(label)).length === 1;
      return `${baseName}+${isTheOnly ? label : `${name}.${label}`}`;
    })
  );
  return [baseName, ...steered];
}

/** Whether a request may call a model so. */
export function isModelName(served: Served, name: string): boolean {
  try {
    waysNamed(served, name);
    return true;
  } catch {
    return false;
  }
}

function waysNamed(served: Served, name: string): Way[] {
  const { baseName } = served;
  const fields = { param: "model", code: "model_not_found", status: 404 };
  if (name === baseName) return [];
  if (!name.startsWith(`${baseName}+`)) {
    throw wrongRequest(
      `There is no model '${name}': there are ${listedNames(served).join(", ")}.`,
      fields,
    );
  }
  return name.slice(baseName.length + 1).split("+").map((written) => {
    const [, path, number] = /^(.*?)(?::([^:]*))?$/s.exec(written)!;
    const beta = number === undefined ? defaultBeta : Number(number);
    if (number?.trim() === "" || !Number.isFinite(beta)) {
      throw wrongRequest(
        `The model '${name}' has '${number}' where a strength is: write a number, as in ${
          listedNames(served)[1] ?? `${baseName}+label`
        }:20.`,
        fields,
      );
    }
    const model = served.guides.map(({ name }) => name).find((guide) =>
      path.startsWith(`${guide}.`)
    );
    const label = model === undefined ? path : path.slice(model.length + 1);
    return wayOf(served, { model, label, beta }, fields);
  });
}

function wayOf(
  { guides }: Served,
  { model: name, label: given, beta, inverse }: RequestedGuide,
  fields: { param: string; code?: string; status?: number },
): Way {
  const refuse = (message: string) => wrongRequest(message, fields);
  if (guides.length === 0) throw refuse("There is nothing to steer with: leave the guides out.");
  const candidates = guides.map((guide, place) => ({ ...guide, place })).filter((guide) =>
    name === undefined
      ? given === undefined || guide.model.labels.includes(given)
      : guide.name === name
  );
  const names = guides.map((guide) => `${guide.name} (${guide.model.labels.join(", ")})`);
  if (candidates.length === 0) {
    const what = name === undefined ? `No guide has the label '${given}'` : `No guide is '${name}'`;
    throw refuse(`${what}: there are ${names.join(", ")}.`);
  }
  if (candidates.length > 1) {
    throw refuse(
      `Which guide is meant is not clear: name one of ${
        candidates.map(({ name }) => name).join(", ")
      }.`,
    );
  }
  const [{ place, name: found, model: { labels } }] = candidates;
  const label = given ?? (labels.length === 1 ? labels[0] : undefined);
  if (label === undefined || !labels.includes(label)) {
    throw refuse(
      label === undefined
        ? `The guide '${found}' has several labels: name one of ${labels.join(", ")}.`
        : `The guide '${found}' has no label '${label}', only ${labels.join(", ")}.`,
    );
  }
  return { guide: place, label, beta, inverse };
}
