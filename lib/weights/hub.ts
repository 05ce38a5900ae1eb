/** Models and data sets from a Hugging Face hub, and what their names and options are. */
export { fetchDataset } from "./hub/fetch_dataset.ts";
export { filesNamed } from "./hub/choose_files.ts";
export { fetchModel, type FetchOptions, modelFiles } from "./hub/fetch_model.ts";
export { type Choose, fetchRepository, resolveCommit } from "./hub/fetch_repository.ts";
export { isHubName } from "./hub/hub_name.ts";
export type { HubOptions } from "./hub/hub_options.ts";
export { modelAt } from "./hub/model_at.ts";
export type { Repository } from "./hub/repository.ts";
