import assert from "node:assert/strict";
import { generate, generateSteps } from "../../lib/decode/generate.ts";
import { GuidedSession } from "../../lib/decode/guided_session.ts";
import { type TinyModels, withTinyModels } from "../open_tiny_models.ts";

/** Runs `test` and counts the sessions of whole steps that are open. */
async function counting(
  test: (models: TinyModels, open: () => number, opened: () => number) => Promise<void>,
): Promise<void> {
  const open = GuidedSession.open;
  const dispose = GuidedSession.prototype[Symbol.asyncDispose];
  let [alive, all] = [0, 0];
  GuidedSession.open = async (...args) => {
    const session = await open.apply(GuidedSession, args);
    alive++;
    all++;
    return session;
  };
  GuidedSession.prototype[Symbol.asyncDispose] = async function () {
    alive--;
    await dispose.call(this);
  };
  try {
    await withTinyModels((models) => test(models, () => alive, () => all));
    assert.equal(alive, 0, "sessions were left open");
  } finally {
    GuidedSession.open = open;
    GuidedSession.prototype[Symbol.asyncDispose] = dispose;
  }
}

const steering = [{ label: "kind" }];
const few = { samples: 2, maxNewTokens: 3, topK: 5 };

Deno.test("generations with the same guidance share a session, whatever their strengths", async () => {
  await counting(async ({ bases: { lm }, guides: { arm: model } }, open, opened) => {
    for (const beta of [0, 5, 50]) {
      await generate(lm, [[1]], {
        ...few,
        guides: [{ model, steering: [{ label: "kind", beta }] }],
      });
      await generate(lm, [[2], [3]], { ...few, topK: 7, guides: [{ model, steering }] });
    }
    assert.deepEqual([open(), opened()], [1, 1]);
  });
});

Deno.test("another guidance takes the place of one that nobody uses", async () => {
  await counting(async ({ bases: { lm }, guides: { arm: model } }, open, opened) => {
    await generate(lm, [[1]], few);
    await generate(lm, [[1]], { ...few, guides: [{ model, steering }] });
    await generate(lm, [[1]], { ...few, topP: 0.5 });
    assert.deepEqual([open(), opened()], [1, 3]);
  });
});

Deno.test("generations at the same time, with different guidance, do not disturb each other", async () => {
  await counting(async ({ bases: { lm }, guides: { arm: model } }, open) => {
    const options = { ...few, samples: 3, maxNewTokens: 6, ends: [] };
    const ways = [{}, { guides: [{ model, steering }] }, { topP: 0.9 }, {}];
    const alone = [];
    for (const way of ways) alone.push(await generate(lm, [[4, 5], [6]], { ...options, ...way }));
    const together = await Promise.all(
      ways.map((way) => generate(lm, [[4, 5], [6]], { ...options, ...way })),
    );
    assert.deepEqual(together, alone);
    assert.equal(open(), 1);
  });
});

Deno.test("a generation that is left half-way gives its session back", async () => {
  await counting(async ({ bases: { lm } }, open) => {
    for await (const _ of generateSteps(lm, [[1]], { ...few, stepsPerRun: 1 })) break;
    await generate(lm, [[1]], { ...few, topP: 0.5 });
    assert.equal(open(), 1);
  });
});

Deno.test("a session that cannot be opened leaves nothing behind, and the next one can", async () => {
  await counting(async ({ bases: { lm }, guides: { arm: model } }, open) => {
    const { part } = model;
    const broken = {
      ...part!,
      rate: () => {
        throw new Error("this part cannot be built");
      },
    };
    const guides = [{ model: { ...model, part: broken }, steering }];
    await assert.rejects(generate(lm, [[1]], { ...few, guides }), {
      message: "this part cannot be built",
    });
    await generate(lm, [[1]], few);
    assert.equal(open(), 1);
  });
});

Deno.test("a session that two wait for in vain takes no other with it", async () => {
  await counting(async ({ bases: { lm }, guides: { arm: model } }, open) => {
    const part = {
      ...model.part!,
      rate: () => {
        throw new Error("this part cannot be built");
      },
    };
    const broken = () =>
      generate(lm, [[1]], { ...few, guides: [{ model: { ...model, part }, steering }] });
    const steps = generateSteps(lm, [[1]], { ...few, stepsPerRun: 1, ends: [] });
    await steps.next();
    const failed = await Promise.allSettled([broken(), broken()]);
    assert.deepEqual(failed.map(({ status }) => status), ["rejected", "rejected"]);
    for await (const _ of steps);
    await generate(lm, [[1]], { ...few, stepsPerRun: 1 });
    assert.equal(open(), 1);
  });
});

Deno.test("a base model that is closed while it writes gives its session back in the end", async () => {
  await counting(async ({ bases: { lm } }, open) => {
    const steps = generateSteps(lm, [[1]], { ...few, stepsPerRun: 1, ends: [] });
    await steps.next();
    await lm[Symbol.asyncDispose]();
    assert.equal(open(), 1);
    for await (const _ of steps);
    assert.equal(open(), 0);
  });
});
