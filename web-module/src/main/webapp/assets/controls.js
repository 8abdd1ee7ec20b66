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
  const refresh = el('button', { type: 'button', class: 'quiet', click: goOn }, 'Refresh');
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
      app.go({ window: preset.value, from: undefined, to: undefined, at: undefined });
      return;
    }
    app.go({ window: 'custom', ...dated(windowOf(app.state, app.now)), at: undefined });
  }

  /** A view as it was at another time stays the same, so it goes on to now instead. */
  function goOn() {
    if (app.state.at === undefined) {
      app.refresh();
    } else {
      app.go({ at: undefined });
    }
  }

  /** The current window in whole days, as the first values of the form. */
  function dated(period) {
    const start = period.from ?? app.now - 30 * DAY;
    const end = period.to ?? app.now;
    return {
      from: dateText(toLocal(start, app.state.zone)),
      to: dateText(toLocal(end - 1, app.state.zone) + DAY),
    };
  }

  function chooseDates() {
    const [first, last] = [from, to].map((input) => Date.parse(`${input.value}T00:00:00Z`));
    to.setCustomValidity(first > last ? 'The last day is before the first.' : '');
    if (form.reportValidity()) {
      app.go({ window: 'custom', from: dateText(first), to: dateText(last + DAY), at: undefined });
    }
  }

  /** Copies a link that has the time of the view, so that somebody who opens it tomorrow sees the same figures. */
  async function copyLink() {
    const link = new URL(app.link({ at: new Date(app.now).toISOString() }), document.baseURI).href;
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

  return {
    show() {
      const { state } = app;
      preset.value = state.window;
      if (![...zone.options].some((option) => option.value === state.zone)) {
        zone.append(el('option', { value: state.zone }, state.zone));
      }
      zone.value = state.zone;
      refresh.textContent = state.at === undefined ? 'Refresh' : 'Up to now';
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
