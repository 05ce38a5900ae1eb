import type { ArmHead } from "../lib/methods/arm.ts";
import type { HeadedSpec } from "../lib/methods/model_spec.ts";
import type { RadHead } from "../lib/methods/rad.ts";

/** The ARM head of a model. */
export function armHeadOf(spec: HeadedSpec): ArmHead {
  return { ...radHeadOf(spec), baseline: spec.baseline === true };
}

/** The head of a RAD or FUDGE. */
export function radHeadOf({ labels, backbone }: HeadedSpec): RadHead {
  return { labels: labels.length, width: backbone.width };
}
