import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** The stream of Gumbel noise that a path such as `seed, "noise", prompt, sample` names, as `lib/random.ts` draws it. */
export function gumbelStream(...path) {
  const generator = xoroshiro128plusFromState(stateOf(path));
  return () => -Math.log(-Math.log1p(-(uniformFloat64(generator) + 2 ** -54)));
}

function stateOf(path) {
  const text = new TextEncoder().encode(JSON.stringify(path));
  return [1, 2, 3, 4].map((lane) => {
    let hash = Math.imul(lane, 0x9e3779b1);
    for (const byte of text) hash = Math.imul(hash ^ byte, 0x01000193) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) | lane;
  });
}
