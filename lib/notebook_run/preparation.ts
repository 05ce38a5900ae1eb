/**
 * What runs in the kernel before a notebook: nothing that it shows gets lost, what cells come to is
 * kept for whoever asks, and it says what it runs on.
 *
 * @module
 */

import "../notebook/arriving_outputs.ts";
import { displayedAs } from "../notebook/display.ts";
import { madeHere } from "./made_on.ts";
import { keepShownValues } from "./returned.ts";

keepShownValues();

export default displayedAs({}, async () => ({ "application/json": await madeHere() }));
