import { paperProfile } from "./paper_profile.ts";
import type { Profile } from "./profile.ts";
import { realProfile } from "./real_profile.ts";
import { worldProfile } from "./world_profile.ts";

/** The profiles by name. */
export const profileNames = ["world", "real", "paper"] as const;
/** One of them. */
export type ProfileName = typeof profileNames[number];

/** Options of `openProfile`. */
export interface ProfileOptions {
  /** Folder of the data that the real profile and the paper's read. */
  data: string;
  /** Minutes that the real profile may take on 2 cores. */
  budget?: number;
  /** How many seeds of training and sampling there are. Default: what the profile has. */
  seeds?: number;
  /** Who judges toxicity in the paper profile; see `paperProfile`. */
  scorer?: string;
  /** File with settings of the paper profile that are not the paper's. */
  settings?: string;
  /** File that keeps the scores of the paper profile's judges. */
  scores?: string;
}

/** How each profile is made. A new one is one more file and one line here. */
const profiles: Readonly<
  Record<ProfileName, (options: ProfileOptions) => Profile | Promise<Profile>>
> = {
  world: ({ seeds }) => worldProfile({ seeds: firstSeeds(seeds) }),
  real: ({ seeds, data, budget }) => realProfile({ data, budget, seeds: firstSeeds(seeds) }),
  paper: ({ seeds, budget: _, ...options }) =>
    paperProfile({ ...options, seeds: firstSeeds(seeds) }),
};

/**
 * The models and data of a profile, as stages that are not run yet.
 *
 * @throws {Error} if data that it reads is not there.
 */
export async function openProfile(name: ProfileName, options: ProfileOptions): Promise<Profile> {
  return await profiles[name](options);
}

/** Seeds 0 … count − 1. */
function firstSeeds(count: number | undefined): number[] | undefined {
  return count === undefined ? undefined : Array.from({ length: count }, (_, seed) => seed);
}
