// The filters of a view, each with a button that removes it.

import { el } from './dom.js';
import { shownName } from './table.js';
import { dimensionLabel, isDimension } from './view.js';

/** The filters of the view; null if there are none. */
export function chips(app, ...besides) {
  const { state } = app;
  const names = Object.keys(state).filter(
    (name) =>
      isDimension(name) && state[name] !== undefined && !besides.includes(name) && (name !== 'tenant' || app.isAdmin),
  );
  return names.length === 0
    ? null
    : el(
        'ul',
        { class: 'chips' },
        names.map((name) =>
          el(
            'li',
            {},
            `${dimensionLabel(name).toLowerCase()}: `,
            el('strong', {}, shownName(state[name], name)),
            el(
              'button',
              {
                type: 'button',
                class: 'quiet',
                'aria-label': `Without ${name} ${shownName(state[name], name)}`,
                click: () => app.go({ [name]: undefined }),
              },
              '×',
            ),
          ),
        ),
      );
}

/** Removes all filters except the tenant. */
export const noFilters = (state) =>
  Object.fromEntries(
    Object.keys(state)
      .filter((name) => name !== 'tenant' && isDimension(name))
      .map((name) => [name, undefined]),
  );
