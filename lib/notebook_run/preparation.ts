/**
 * What runs in the kernel before a notebook: nothing that it shows gets lost, and it says what it runs on.
 *
 * @module
 */

import "../notebook/arriving_outputs.ts";
import { displayedAs } from "../notebook/display.ts";
import { madeHere } from "./made_on.ts";

export default displayedAs({}, async () => ({ "application/json": await madeHere() }));
