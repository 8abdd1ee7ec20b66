// Numbers and times as people read them. They are in English like the page, so that nobody has to guess what 1.234
// means.

import { isStartOfDay } from './time.js';

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const MOST_DECIMALS = 10;

export const count = (value) => whole.format(value);

/** A short form for large numbers, such as 1.23M. */
export const compact = (value) => (value < 100_000 ? whole.format(value) : short.format(value));

/** The largest number, at least 0. A list may have more numbers than a function can have arguments. */
export const largest = (numbers) => numbers.reduce((most, each) => Math.max(most, each), 0);

/**
 * Formats amounts that stand together with the same number of decimals, as many as the largest needs. An amount of
 * which too little would be left gets as many decimals as show two of its digits.
 *
 * @param {number[]} amounts in US dollars
 */
export function money(amounts) {
  const most = largest(amounts);
  const usual = most === 0 || most >= 1 ? 2 : Math.min(MOST_DECIMALS, digitsBefore(most) + 3);
  return (amount) => {
    const isTiny = amount > 0 && amount < 10 ** (1 - usual);
    return isTiny
      ? dollars(usual, Math.min(MOST_DECIMALS, digitsBefore(amount) + 1)).format(amount)
      : dollars(usual, usual).format(amount);
  };
}

/** The number of decimals up to the first digit that is not 0. */
const digitsBefore = (amount) => Math.ceil(-Math.log10(amount));

const currencies = new Map();

function dollars(least, most) {
  const key = `${least}-${most}`;
  if (!currencies.has(key)) {
    currencies.set(
      key,
      new Intl.NumberFormat('en', {
        style: 'currency',
        currency: 'USD',
        minimumFractionDigits: least,
        maximumFractionDigits: Math.max(least, most),
      }),
    );
  }
  return currencies.get(key);
}

/** The amount with all stored decimals, without trailing zeros. */
export const exactMoney = (amount) => dollars(2, MOST_DECIMALS).format(amount);

export function percent(part, all) {
  if (all === 0) {
    return '–';
  }
  const value = (part / all) * 100;
  if (value === 100) {
    return '100%';
  }
  return value > 0 && value < 0.1 ? '<0.1%' : `${value.toFixed(1)}%`;
}

export function duration(milliseconds) {
  if (milliseconds < 1000) {
    return `${whole.format(Math.round(milliseconds))} ms`;
  }
  return `${(milliseconds / 1000).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}

/** The change from the earlier value, as text. */
export function change(now, before) {
  if (now === before) {
    return { text: '±0%', words: 'unchanged', direction: 0 };
  }
  const direction = Math.sign(now - before);
  if (before === 0) {
    return { text: 'new', words: 'new', direction };
  }
  if (now >= before * 10) {
    const times = `×${count(Math.round(now / before))}`;
    return { text: times, words: `${times} as much`, direction };
  }
  const size = Math.abs((now / before - 1) * 100);
  const text = size < 0.1 ? '<0.1%' : `${size.toFixed(size < 10 ? 1 : 0)}%`;
  return { text: (direction > 0 ? '+' : '−') + text, words: (direction > 0 ? 'up ' : 'down ') + text, direction };
}

const dates = new Map();

function formatted(instant, zone, options) {
  const key = zone + JSON.stringify(options);
  if (!dates.has(key)) {
    dates.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options }));
  }
  return dates.get(key).format(instant);
}

const DATE = { day: 'numeric', month: 'short', year: 'numeric' };
const CLOCK = { hour: '2-digit', minute: '2-digit' };

export const date = (instant, zone) => formatted(instant, zone, DATE);

export const clockTime = (instant, zone) => formatted(instant, zone, CLOCK);

export const dateTime = (instant, zone) => `${date(instant, zone)}, ${clockTime(instant, zone)}`;

/** The time with seconds and the offset, since an hour can occur twice. */
export function exactTime(instant, zone) {
  return `${date(instant, zone)}, ${formatted(instant, zone, { ...CLOCK, second: '2-digit', timeZoneName: 'shortOffset' })}`;
}

export const seconds = (instant, zone) => formatted(instant, zone, { ...CLOCK, second: '2-digit' });

/** The window as text. A window of whole days ends with the name of its last day, not with the midnight after it. */
export function span({ from, to }, zone) {
  if (from === null) {
    return to === null ? 'all time' : `all time up to ${dateTime(to, zone)}`;
  }
  const isStart = (instant) => isStartOfDay(instant, zone);
  if (isStart(from) && isStart(to)) {
    const first = date(from, zone);
    const last = date(to - 1, zone);
    return first === last ? first : `${withoutYear(first, last)} – ${last}`;
  }
  if (date(from, zone) === date(to - 1, zone)) {
    return `${dateTime(from, zone)} – ${clockTime(to, zone)}`;
  }
  return `${isStart(from) ? withoutYear(date(from, zone), date(to, zone)) : dateTime(from, zone)} – ${dateTime(to, zone)}`;
}

function withoutYear(first, last) {
  const year = last.slice(last.lastIndexOf(' '));
  return first.endsWith(year) ? first.slice(0, -year.length) : first;
}

/** The name of a bucket, in full and for an axis. */
export function bucketName(start, bucket, zone) {
  switch (bucket) {
    case 'hour':
      return `${formatted(start, zone, { weekday: 'short', day: 'numeric', month: 'short' })}, ${clockTime(start, zone)}`;
    case 'day':
      return formatted(start, zone, { weekday: 'short', ...DATE });
    default:
      return formatted(start, zone, { month: 'long', year: 'numeric' });
  }
}

export function axisName(start, bucket, zone) {
  switch (bucket) {
    case 'hour':
      return clockTime(start, zone);
    case 'day':
      return formatted(start, zone, { day: 'numeric', month: 'short' });
    default:
      return formatted(start, zone, { month: 'short', year: '2-digit' });
  }
}
