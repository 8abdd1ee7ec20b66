// Exact sums of amounts in US dollars. They are computed in integers of 1e-10 dollars, since floating point is not
// exact.

const DECIMALS = 10;

const units = (amount) => BigInt(amount.toFixed(DECIMALS).replace('.', ''));

/** The number that is nearest to an amount in units. */
function amountOf(number) {
  const digits = String(number < 0n ? -number : number).padStart(DECIMALS + 1, '0');
  return Number(`${number < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`);
}

/** The sum of the amounts. */
export const sum = (amounts) => amountOf(amounts.reduce((all, amount) => all + units(amount), 0n));

/** The first amount minus the second. */
export const difference = (amount, other) => amountOf(units(amount) - units(other));
