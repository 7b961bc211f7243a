// What a card number, expiry date and security code look like, and what is wrong with one.

const BRANDS = [
  ["amex", /^3[47]/, 15, 4],
  ["diners", /^36/, 14, 3],
  ["diners", /^3(0|[89])/, 16, 3],
  ["jcb", /^35/, 16, 3],
  ["mastercard", /^(5[1-5]|2[2-7])/, 16, 3],
  ["discover", /^6(011|5|4[4-9])/, 16, 3],
  ["unionpay", /^62/, 16, 3],
  ["visa", /^4/, 16, 3],
];
const BRAND_NAMES = { amex: "American Express", diners: "Diners Club", jcb: "JCB", mastercard: "Mastercard", discover: "Discover", unionpay: "UnionPay", visa: "Visa" };

// of a number as far as it is typed: [name, pattern, digits, digits of the security code]
function brandOf(digits) {
  return BRANDS.find(([, pattern]) => pattern.test(digits)) ?? ["", null, 16, 3];
}

function digitsOf(text) {
  return text.replace(/\D/g, "");
}

function spaced(text) {
  const typed = digitsOf(text);
  const [brand, , length] = brandOf(typed);
  const digits = typed.slice(0, length);
  const groups = brand === "amex" || length === 14 ? [4, 6, 5] : [4, 4, 4, 4];
  const parts = groups.map((size, place) => digits.slice(sum(groups.slice(0, place)), sum(groups.slice(0, place)) + size));
  return parts.filter(Boolean).join(" ");
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

// 1234 becomes 12 / 34, 4 becomes 04; the year may come with four digits
function expiry(text) {
  const [first, second] = text.includes("/") ? text.split("/").map(digitsOf) : [digitsOf(text).slice(0, 2), digitsOf(text).slice(2)];
  if (!text.includes("/") && /^[2-9]/.test(first)) return `0${first[0]} / ${first.slice(1)}${second}`.slice(0, 7);
  const month = text.includes("/") && first.length === 1 ? `0${first}` : first;
  const year = second.length > 2 && second.startsWith("20") ? second.slice(2, 4) : second.slice(0, 2);
  return month.length < 2 ? month : `${month} / ${year}`;
}

function problemOfNumber(text) {
  const digits = digitsOf(text);
  if (digits.length < brandOf(digits)[2]) return ["incomplete_number", "Your card number is incomplete."];
  return luhn(digits) ? null : ["invalid_number", "Your card number is invalid."];
}

// ISO/IEC 7812-1
function luhn(digits) {
  const values = [...digits].reverse().map((digit, place) => (place % 2 ? digit * 2 - (digit > 4 ? 9 : 0) : +digit));
  return sum(values) % 10 === 0;
}

function problemOfExpiry(text, today = new Date()) {
  const digits = digitsOf(text);
  if (digits.length < 4) return ["incomplete_expiry", "Your card’s expiration date is incomplete."];
  const [month, year] = [+digits.slice(0, 2), 2000 + +digits.slice(2)];
  if (month < 1 || month > 12) return ["invalid_expiry_month", "Your card’s expiration month is invalid."];
  if (year < today.getFullYear()) return ["invalid_expiry_year_past", "Your card’s expiration year is in the past."];
  if (year > today.getFullYear() + 50) return ["invalid_expiry_year", "Your card’s expiration year is invalid."];
  if (year === today.getFullYear() && month <= today.getMonth()) {
    return ["invalid_expiry_month_past", "Your card’s expiration date is in the past."];
  }
  return null;
}

function problemOfCode(text, number) {
  const enough = digitsOf(text).length >= brandOf(digitsOf(number))[3];
  return enough ? null : ["incomplete_cvc", "Your card’s security code is incomplete."];
}

function problemOfPostcode(text, country) {
  const enough = country === "US" ? digitsOf(text).length >= 5 : text.trim().length >= 5;
  return enough ? null : ["incomplete_zip", country === "US" ? "Your ZIP code is incomplete." : "Your postal code is incomplete."];
}
