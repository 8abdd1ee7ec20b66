// Makes elements. Text is always a text node: what comes from the database never becomes markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An HTML element.
 *
 * @param {string} tag its name
 * @param {object} attributes by name; a function is a listener for the event of that name, false and null leave it out
 * @param {...(Node|string|number|null|Array)} children strings become text
 */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * A figure as people read it, with the exact value for programs and in the tooltip.
 *
 * @param {number} value the exact value
 * @param {string} text what is shown
 * @param {string} [exact] the text of the tooltip
 */
export function figure(value, text, exact) {
  return el('data', { value: plain(value), title: exact ?? null }, text);
}

/** Writes a number without an exponent, since not everybody reads 1e-7 as a number. */
function plain(value) {
  const text = String(value);
  return text.includes('e') ? value.toFixed(10).replace(/0+$/, '') : text;
}

/** Makes screen readers say what has happened. */
export function announce(text) {
  document.getElementById('status').textContent = text;
}
