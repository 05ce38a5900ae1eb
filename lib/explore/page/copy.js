/** How long a button says that it has copied, in milliseconds. */
const told = 2000;

/**
 * Copies a text when a button is pressed, which says so for a while.
 *
 * @param textOf gives the text.
 * @param onProblem called with one sentence, if the browser does not let it.
 */
export function copies(button, textOf, onProblem) {
  const name = button.textContent;
  let timer;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(textOf());
    } catch {
      onProblem("The browser does not let the page copy: select the text, and copy it yourself.");
      return;
    }
    button.textContent = "Copied";
    clearTimeout(timer);
    timer = setTimeout(() => button.textContent = name, told);
  });
}
