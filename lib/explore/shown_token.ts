import type { TokenTrace } from "../decode/token_trace.ts";
import { visible } from "../notebook/visible.ts";
import type { ShownToken } from "./explorer_event.ts";

/** What a step chose, as the page shows it. */
export function shownToken({ candidates, taken, unsteered }: TokenTrace): ShownToken {
  return {
    candidates: candidates.map(({ text, logit, reward, added, before, after }) => ({
      text: shownName(text),
      // JSON has no −∞
      logit: Number.isFinite(logit) ? logit : undefined,
      reward,
      added,
      before,
      after,
    })),
    taken: candidates.indexOf(taken),
    unsteered: candidates.indexOf(unsteered),
  };
}

const blanks: Record<string, string> = { " ": "␣", "\n": "↵", "\t": "⇥" };

/** A token by itself: blanks at its ends, which tell it from others, can be seen. */
function shownName(text: string): string {
  return visible(text).replace(
    /^\s+|\s+$/g,
    (ends) => ends.replace(/[ \n\t]/g, (blank) => blanks[blank]),
  );
}
