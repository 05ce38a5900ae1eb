import { type AnyMethod, learnsFromOf, tokensAStep } from "./method.ts";
import { methods } from "./mod.ts";
import { ways } from "./ways/mod.ts";
import type { Way } from "./ways/way.ts";

/** A method as the list shows it, whatever it is made of. */
export type ListedMethod = Required<Way>;

/** Every method: those with a reward model first, those of `defineMethod` among them, then the other ways. */
export function listedMethods(): ListedMethod[] {
  return [...methods().map(asWay), ...ways].map((way) => ({ ...way, name: way.name ?? way.title }));
}

function asWay(method: AnyMethod): Way {
  const { kind, title, name, formula = "", source = "" } = method;
  return {
    kind,
    title,
    name,
    formula,
    source,
    learnsFrom: learnsFromOf(method),
    callsAStep: tokensAStep(method),
    command: `deno task train reward --kind ${kind}`,
  };
}
