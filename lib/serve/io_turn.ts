const nothing = new Uint8Array(0);

/**
 * Lets sockets have their turn between two steps. What is awaited is done by another thread, so that the event loop sleeps
 * and looks at them when it wakes: after a twentieth of a millisecond, where a timer takes two. Without, it would see to them
 * once in dozens of steps.
 */
export async function ioTurn(): Promise<void> {
  await crypto.subtle.digest("SHA-256", nothing);
}
