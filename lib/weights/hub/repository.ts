/** The kinds of repositories that are fetched. */
export type RepositoryKind = "model" | "dataset";

/** A model or data set on a hub. */
export interface Repository {
  readonly kind: RepositoryKind;
  readonly name: string;
}

/** How a repository is called in errors. */
export function called({ kind, name }: Repository): string {
  return `the ${kind === "model" ? "model" : "data set"} '${name}'`;
}

/** Address of what the hub knows of a repository, at a revision if one is given. */
export function infoAddress(endpoint: string, repository: Repository, revision?: string): string {
  const of = `${endpoint}/api/${repository.kind}s/${repository.name}`;
  return revision === undefined ? of : `${of}/revision/${encodeURIComponent(revision)}?blobs=true`;
}

/** Address of a file at a commit. */
export function fileAddress(
  endpoint: string,
  { kind, name }: Repository,
  commit: string,
  file: string,
): string {
  const folder = kind === "model" ? "" : `${kind}s/`;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `${endpoint}/${folder}${name}/resolve/${commit}/${path}`;
}
