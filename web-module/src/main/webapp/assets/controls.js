// The controls for the window of time and its zone.

import { el } from './dom.js';
import { PRESETS, dateText, instantOf, toLocal, windowOf, zones } from './time.js';

const DAY = 86_400_000;
const COPIED = 2000;

/** Fills the form once. After that, `show` sets it to the values of the view. */
export function controls(app, form) {
  const preset = el(
    'select',
    { id: 'window', change: choosePreset },
    Object.entries(PRESETS).map(([value, text]) => el('option', { value }, text)),
  );
  const from = el('input', { id: 'from', type: 'date', required: true, change: chooseDates });
  const to = el('input', { id: 'to', type: 'date', required: true, change: chooseDates });
  const dates = el('span', { class: 'dates' }, field('from', 'From', from), field('to', 'Up to and with', to));
  const zone = el(
    'select',
    { id: 'zone', change: () => app.go({ zone: zone.value }) },
    zones().map((name) => el('option', { value: name }, name.replaceAll('_', ' '))),
  );
  const copy = el('button', { type: 'button', class: 'quiet', click: copyLink }, 'Copy link');
  const refresh = el('button', { type: 'button', class: 'quiet', click: () => app.refresh() }, 'Refresh');
  form.addEventListener('submit', (event) => event.preventDefault());
  form.append(
    field('window', 'Window', preset),
    dates,
    field('zone', 'Time zone', zone),
    el('span', { class: 'tools' }, refresh, copy),
  );

  function field(id, label, control) {
    return el('span', { class: 'field' }, el('label', { for: id }, label), control);
  }

  function choosePreset() {
    if (preset.value !== 'custom') {
      app.go({ window: preset.value, from: undefined, to: undefined });
      return;
    }
    app.go({ window: 'custom', ...dated(windowOf(app.state, Date.now())) });
  }

  /** The current window in whole days, as the first values of the form. */
  function dated(window) {
    const start = window.from ?? Date.now() - 30 * DAY;
    const end = window.to ?? Date.now();
    return {
      from: dateText(toLocal(start, app.state.zone)),
      to: dateText(toLocal(end - 1, app.state.zone) + DAY),
    };
  }

  function chooseDates() {
    const [first, last] = [from, to].map((input) => Date.parse(`${input.value}T00:00:00Z`));
    to.setCustomValidity(first > last ? 'The last day is before the first.' : '');
    if (form.reportValidity()) {
      app.go({ window: 'custom', from: dateText(first), to: dateText(last + DAY) });
    }
  }

  /** Copies a link with fixed dates, so that somebody who opens it tomorrow sees the same figures. */
  async function copyLink() {
    const window = windowOf(app.state, Date.now());
    const fixed =
      app.state.window === 'all' || app.state.window === 'custom'
        ? {}
        : { window: 'custom', ...ends(window), cursor: app.state.cursor, page: app.state.page };
    const link = new URL(app.link(fixed), document.baseURI).href;
    try {
      await navigator.clipboard.writeText(link);
      copy.textContent = 'Copied';
    } catch {
      // Not every browser allows the copy. The link is then in the address bar.
      history.replaceState(null, '', link);
      app.moved();
      copy.textContent = 'It is in the address bar';
    }
    setTimeout(() => {
      copy.textContent = 'Copy link';
    }, COPIED);
  }

  function ends(window) {
    const days = [window.from, window.to].map((instant) => dateText(toLocal(instant, app.state.zone)));
    const areDays = days.every((day, index) => instantOf(day, app.state.zone) === [window.from, window.to][index]);
    const texts = areDays ? days : [window.from, window.to].map((instant) => new Date(instant).toISOString());
    return { from: texts[0], to: texts[1] };
  }

  return {
    show() {
      const { state } = app;
      preset.value = state.window;
      if (![...zone.options].some((option) => option.value === state.zone)) {
        zone.append(el('option', { value: state.zone }, state.zone));
      }
      zone.value = state.zone;
      dates.hidden = state.window !== 'custom';
      if (state.window === 'custom') {
        from.value = dateText(toLocal(instantOf(state.from, state.zone), state.zone));
        to.value = dateText(toLocal(instantOf(state.to, state.zone) - 1, state.zone));
        to.setCustomValidity('');
      }
      form.hidden = state.view === 'try' || state.view === 'invocation';
    },
  };
}
