import type { BaseGraph } from "../bases/base_model.ts";
import type { BasePart } from "../inference/part.ts";
import type { Device } from "../runtime/device.ts";
import { GuidedSession, type GuidedShape } from "./guided_session.ts";

/** A session that is in use, until it is disposed. */
export interface SessionLease extends AsyncDisposable {
  readonly session: GuidedSession;
}

interface Entry {
  readonly shape: GuidedShape;
  readonly session: Promise<GuidedSession>;
  users: number;
}

/**
 * The graphs of a base model together with what steers it. Each holds the weights of all its models, so beside those
 * in use only the one used last stays loaded.
 */
export class GuidedSessions implements AsyncDisposable {
  readonly base: BasePart;
  readonly #device: Device;
  readonly #entries: Entry[] = [];
  /** How many sessions stay loaded that nobody uses. */
  #keep = 1;

  constructor(base: BasePart, device: Device) {
    this.base = base;
    this.#device = device;
  }

  /** The session for a guidance, loaded if it is not there. */
  async lease(guidance: Omit<GuidedShape, "base">): Promise<SessionLease> {
    const loops = guidance.loops && this.#device.name === "cpu";
    const shape: GuidedShape = { ...guidance, loops, base: this.base };
    const index = this.#entries.findIndex((entry) => sameShape(entry.shape, shape));
    const entry: Entry = index < 0
      ? { shape, session: this.#open(shape), users: 0 }
      : this.#entries.splice(index, 1)[0];
    entry.users++;
    this.#entries.push(entry);
    try {
      return {
        session: await entry.session,
        [Symbol.asyncDispose]: async () => {
          entry.users--;
          await this.#prune();
        },
      };
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
  }

  /** Loads a session when those that nobody uses are gone. */
  async #open(shape: GuidedShape): Promise<GuidedSession> {
    await this.#prune(0);
    return await GuidedSession.open(shape, this.#device);
  }

  #remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** Gives back what is not in use, but for the last `keep` used. */
  async #prune(keep = this.#keep): Promise<void> {
    const old = this.#entries.slice(0, this.#entries.length - keep).filter(({ users }) =>
      users === 0
    );
    for (const entry of old) this.#remove(entry);
    for (const { session } of old) await (await session)[Symbol.asyncDispose]();
  }

  /** Gives back what is not in use now, and the rest when its use ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#keep = 0;
    await this.#prune();
  }
}

/** By base model. */
const known = new WeakMap<BaseGraph, GuidedSessions>();

/** The graphs of a base model together with what steers it, which it owns. */
export function guidedSessionsOf(graph: BaseGraph): GuidedSessions {
  const sessions = known.get(graph) ??
    graph.owned.use(new GuidedSessions(graph.part, graph.device));
  known.set(graph, sessions);
  return sessions;
}

function sameShape(a: GuidedShape, b: GuidedShape): boolean {
  const settings = (
    { guides, wholeVocabulary, baseNucleus, formula, perRow, cuts, penalizes, loops }: GuidedShape,
  ) =>
    JSON.stringify({
      ...{ guides, wholeVocabulary, baseNucleus, formula, perRow, cuts, penalizes, loops },
    });
  return settings(a) === settings(b) && a.raters.length === b.raters.length &&
    a.raters.every((rater, i) => rater === b.raters[i]);
}
