import { paperProfile } from "./paper_profile.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { pretrainedProfile } from "./pretrained_profile.ts";
import type { Profile } from "./profile.ts";
import {
  type ProfileName,
  profileNames,
  type ProfileOptions,
  profileOptions,
} from "./profile_options.ts";
import { realProfile } from "./real_profile.ts";
import { worldProfile } from "./world_profile.ts";

/** How each profile is made. A new one is one more file and one line here. */
const profiles: Readonly<
  Record<ProfileName, (options: ProfileOptions) => Profile | Promise<Profile>>
> = {
  world: ({ seeds }) => worldProfile({ seeds: firstSeeds(seeds) }),
  real: ({ seeds, data, budget }) => realProfile({ data, budget, seeds: firstSeeds(seeds) }),
  pretrained: ({ seeds, data, budget, models }) =>
    pretrainedProfile({ data, budget, models, seeds: firstSeeds(seeds) }),
  paper: ({ seeds, budget: _budget, models: _models, ...options }) =>
    paperProfile({ ...options, seeds: firstSeeds(seeds) }),
};

/**
 * The models and data of a profile, as stages that are not run yet.
 *
 * @throws {Error} if data that it reads is not there.
 */
export async function openProfile(name: ProfileName, options: ProfileOptions): Promise<Profile> {
  checkArgument("openProfile", "name", { type: "choice", of: profileNames }, name);
  return await profiles[name](settle("openProfile", profileOptions, options));
}

/** Seeds 0 … count − 1. */
function firstSeeds(count: number | undefined): number[] | undefined {
  return count === undefined ? undefined : Array.from({ length: count }, (_, seed) => seed);
}
