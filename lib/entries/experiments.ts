/**
 * Sweeps of systems over strengths, the demos, and the experiments of the paper as stages whose results are
 * kept. Polars is loaded where a table is read or written.
 *
 * @module
 */

export { measureEfficiency } from "../experiments/efficiency.ts";
export { efficiencyScales } from "../experiments/efficiency_scales.ts";
export { efficiencyChart, efficiencyTable } from "../experiments/efficiency_report.ts";
export { planExperiments } from "../experiments/experiments.ts";
export { openProfile } from "../experiments/open_profile.ts";
export { writeOutcome } from "../experiments/write_outcome.ts";
export { StageStore } from "../stages/stage_store.ts";
export { sweep, type System } from "../experiments/sweep.ts";
export { type SweepRow } from "../experiments/sweep_row.ts";
export { sweepAreas } from "../experiments/sweep_areas.ts";
export { runPretrainedDemo } from "../experiments/pretrained_demo.ts";
export { type PretrainedModels, trainPretrainedModels } from "../experiments/pretrained_models.ts";
export { runWorldDemo } from "../experiments/world_demo.ts";
export { worldJudge } from "../experiments/world_judge.ts";
export { trainWorldModels } from "../experiments/world_models.ts";
export { type Profile } from "../experiments/profile.ts";
export { type Stage } from "../stages/stage.ts";
