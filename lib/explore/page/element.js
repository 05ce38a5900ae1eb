/** An element with some of its properties. */
export function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
