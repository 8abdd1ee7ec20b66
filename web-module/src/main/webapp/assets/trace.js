// Links to the traces of calls, which another system shows.

import { el } from './dom.js';

const PLACE = '{trace_id}';
const SCHEMES = ['http:', 'https:'];
const SHOWN = 8;

/**
 * The address of a call's trace. It is null if there is no template, if the id is not hex, or if the result is not the
 * address of a page.
 *
 * @param {string|null} template with {trace_id}
 * @param {string|null} id of the trace
 */
export function traceUrl(template, id) {
  if (
    typeof template !== 'string' ||
    !template.includes(PLACE) ||
    typeof id !== 'string' ||
    !/^[0-9a-fA-F]+$/.test(id)
  ) {
    return null;
  }
  try {
    const url = new URL(template.replaceAll(PLACE, () => encodeURIComponent(id)));
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to the trace, or only the trace's id if there is no link. */
export function trace(app, id, isShort = false) {
  const url = traceUrl(app.settings.trace_url, id);
  const text =
    isShort && id.length > SHOWN
      ? [
          id.slice(0, SHOWN),
          el('span', { 'aria-hidden': 'true' }, '…'),
          el('span', { class: 'visually-hidden' }, id.slice(SHOWN)),
        ]
      : id;
  return url === null
    ? el('bdi', {}, text)
    : el(
        'a',
        { class: 'trace', href: url, target: '_blank', rel: 'noopener', title: `Trace ${id}` },
        text,
        el('span', { class: 'visually-hidden' }, ' (opens in a new tab)'),
      );
}
