import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** An ARM's head on the base's own hidden states, distilled from RAD. */
export const trunkSystem: PlannedSystem = ({ reward, models, effort }) =>
  guidedSystem(
    {
      name: "arm-trunk",
      title: "ARM on the base's trunk",
      method: "arm",
      betas: [5, 10, 20, 40],
    },
    (seed) =>
      reward(
        "an ARM on the base's trunk, distilled",
        "arm",
        seed,
        { trunk: "all", epochs: 12 * effort },
        models.rad(seed),
      ),
  );
