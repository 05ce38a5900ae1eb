import type { ParameterShapes } from "./parameters.ts";

/**
 * What GeDi (Krause et al., 2020) has beside its language model, named as in the authors' code: a scale of the
 * classes' log-probabilities, and a bias of the desired and of the undesired class.
 */
export const gediHeadShapes: ParameterShapes = new Map([["logit_scale", [1]], ["bias", [2]]]);
