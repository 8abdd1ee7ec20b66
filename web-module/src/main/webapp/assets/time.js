// Windows of time in the reader's zone. A "local" number is the time on the zone's clock in milliseconds, as if it were
// UTC.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const QUARTER = HOUR / 4;
const SHORT_WINDOW = 49 * HOUR;
const MIDDLE_WINDOW = 93 * DAY;
/** The API takes 10,000 months at most, which are 833 years. */
const LONG_WINDOW = 800 * 366 * DAY;

/** The API takes the years 1 to 9999. */
const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

export const PRESETS = {
  'last-24-hours': 'Last 24 hours',
  today: 'Today',
  yesterday: 'Yesterday',
  'last-7-days': 'Last 7 days',
  'last-30-days': 'Last 30 days',
  'this-month': 'This month',
  'last-month': 'Last month',
  'this-year': 'This year',
  all: 'All time',
  custom: 'Custom',
};

const clocks = new Map();

/** Whether the browser knows the zone. */
export function isZone(zone) {
  try {
    clock(zone);
    return true;
  } catch {
    return false;
  }
}

/** The browser's own zone. */
export function homeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone && zone !== 'Etc/Unknown' && isZone(zone) ? zone : 'UTC';
}

/** All zones that the reader can choose. */
export function zones() {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

/** Making a formatter is slow, so there is one for each zone. */
function clock(zone) {
  if (!clocks.has(zone)) {
    clocks.set(
      zone,
      new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        calendar: 'gregory',
        numberingSystem: 'latn',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      }),
    );
  }
  return clocks.get(zone);
}

export function toLocal(instant, zone) {
  const parts = {};
  for (const { type, value } of clock(zone).formatToParts(instant)) {
    parts[type] = Number(value);
  }
  const milliseconds = ((instant % 1000) + 1000) % 1000;
  // A reader who types a year passes through the years 0 to 99, which Date.UTC takes for others.
  const day = new Date(0).setUTCFullYear(parts.year, parts.month - 1, parts.day);
  return new Date(day).setUTCHours(parts.hour, parts.minute, parts.second, milliseconds);
}

/**
 * A time that the clock shows twice means the first of the two. A time that it skips is moved forward, as on the
 * server.
 */
export function toInstant(local, zone) {
  const before = local - (toLocal(local - DAY, zone) - (local - DAY));
  const after = local - (toLocal(local + DAY, zone) - (local + DAY));
  return [before, after].find((candidate) => toLocal(candidate, zone) === local) ?? before;
}

export function dateText(local) {
  return new Date(local).toISOString().slice(0, 10);
}

/** A date (2026-03-31) or a timestamp with an offset as an instant; null for anything else, also for another year. */
export function instantOf(text, zone) {
  let instant = NaN;
  if (isDate(text)) {
    const local = Date.parse(`${text}T00:00:00Z`);
    instant = Number.isNaN(local) ? NaN : toInstant(local, zone);
  } else if (/T.*(Z|[+-]\d{2}:\d{2})$/.test(text)) {
    instant = Date.parse(text);
  }
  return instant >= FIRST && instant <= LAST ? instant : null;
}

const isDate = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text);

const midnight = (local) => Math.floor(local / DAY) * DAY;

/** Whether a day begins at the instant. That is not at midnight where the clock skips midnight. */
export const isStartOfDay = (instant, zone) => toInstant(midnight(toLocal(instant, zone)), zone) === instant;

/** The first day of a month. Date.UTC takes the years 0 to 99 for those of the twentieth century. */
const firstDay = (year, month) => new Date(0).setUTCFullYear(year, month, 1);

function plusMonths(local, months) {
  const date = new Date(local);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const days = new Date(firstDay(year, month + 1) - DAY).getUTCDate();
  return firstDay(year, month) + (Math.min(date.getUTCDate(), days) - 1) * DAY + (local - midnight(local));
}

const isFirstOfMonth = (local) => local === midnight(local) && new Date(local).getUTCDate() === 1;

/**
 * The window of a view, and the window before it. If the window is not over yet, the window before it is cut to the
 * same part, so that half a month is compared with half a month. The window of a copied link ends when the link was
 * copied, so it shows what the page showed then.
 *
 * @param {{window: string, from?: string, to?: string, at?: string, zone: string}} state
 * @param {number} now the instant for which the view is shown
 * @returns {{from: ?number, to: ?number, before: ?{from: number, to: number}, bucket: string}}
 *     ends in milliseconds, null if open; there is no window before if it began before the year 1; the bucket is empty
 *     if it depends on the calls
 */
export function windowOf(state, now) {
  const period = wholeWindow(state, now);
  const isCut = state.at !== undefined && now > (period.from ?? -Infinity) && now < (period.to ?? Infinity);
  return isCut ? { ...period, to: now } : period;
}

function wholeWindow(state, now) {
  const { zone } = state;
  if (state.window === 'all') {
    return { from: null, to: null, before: null, bucket: '' };
  }
  if (state.window === 'last-24-hours') {
    const to = (Math.floor(now / HOUR) + 1) * HOUR;
    return finished(to - DAY, to, to - 2 * DAY, (instant) => instant - DAY, now);
  }
  const today = midnight(toLocal(now, zone));
  const month = plusMonths(today - (new Date(today).getUTCDate() - 1) * DAY, 0);
  const days = (from, to, count) => inZone(from, to, (local) => local - count * DAY, zone, now);
  const months = (from, to, count) => inZone(from, to, (local) => plusMonths(local, -count), zone, now);
  switch (state.window) {
    case 'today':
      return days(today, today + DAY, 1);
    case 'yesterday':
      return days(today - DAY, today, 1);
    case 'last-7-days':
      return days(today - 6 * DAY, today + DAY, 7);
    case 'this-month':
      return months(month, today + DAY, 1);
    case 'last-month':
      return months(plusMonths(month, -1), month, 1);
    case 'this-year':
      return months(firstDay(new Date(today).getUTCFullYear(), 0), today + DAY, 12);
    case 'custom':
      return custom(state, days, months, now);
    default:
      return days(today - 29 * DAY, today + DAY, 30);
  }
}

function custom(state, days, months, now) {
  const ends = [state.from, state.to].map((text) => instantOf(text, state.zone));
  if (isDate(state.from) && isDate(state.to)) {
    const locals = ends.map((instant) => midnight(toLocal(instant, state.zone)));
    if (locals.every(isFirstOfMonth)) {
      const [first, last] = locals.map((local) => new Date(local));
      const count = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
      return months(...locals, count);
    }
    return days(...locals, Math.round((locals[1] - locals[0]) / DAY));
  }
  const shift = (instant) => instant - (ends[1] - ends[0]);
  return finished(...ends, shift(ends[0]), shift, now);
}

/** The window between two local times. An instant may be later than its local time, if the clock skips that. */
function inZone(from, to, shift, zone, now) {
  return finished(
    toInstant(from, zone),
    toInstant(to, zone),
    toInstant(shift(from), zone),
    (instant) => toInstant(shift(toLocal(instant, zone)), zone),
    now,
  );
}

function finished(from, to, begins, shift, now) {
  const isOver = now >= to || now <= from;
  const span = to - from;
  // Rollups have whole quarters of an hour. A long window before ends at one, so that it needs no calls, which may have
  // been dropped.
  const part = span > SHORT_WINDOW ? Math.floor(shift(now) / QUARTER) * QUARTER : shift(now);
  return {
    from,
    to,
    before: begins < FIRST ? null : { from: begins, to: isOver ? from : Math.max(begins + 1, Math.min(part, from)) },
    bucket: bucketOf(span),
  };
}

export function bucketOf(span) {
  if (span <= SHORT_WINDOW) {
    return 'hour';
  }
  if (span <= MIDDLE_WINDOW) {
    return 'day';
  }
  return span <= LONG_WINDOW ? 'month' : '';
}

/** The window as parameters of the API. */
export function parameters(period) {
  return {
    from: period.from === null ? null : new Date(period.from).toISOString(),
    to: period.to === null ? null : new Date(period.to).toISOString(),
  };
}
