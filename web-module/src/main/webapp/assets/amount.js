// Sums of amounts in US dollars: in whole units of the last of the ten decimals that are stored, as floating point loses some.

const DECIMALS = 10;

const units = (amount) => BigInt(amount.toFixed(DECIMALS).replace('.', ''));

/** The number that is nearest to so many units. */
function amountOf(number) {
  const digits = String(number < 0n ? -number : number).padStart(DECIMALS + 1, '0');
  return Number(`${number < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`);
}

/** What these amounts are together. */
export const sum = (amounts) => amountOf(amounts.reduce((all, amount) => all + units(amount), 0n));

/** How much more the first is than the second. */
export const difference = (amount, other) => amountOf(units(amount) - units(other));
