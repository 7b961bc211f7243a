// The inputs: formatted as typed, a problem shown when one is left, and never known outside this frame.

const form = document.querySelector("form");
const inputs = { number: form.elements.number, expiry: form.elements.expiry, cvc: form.elements.cvc, postalCode: form.elements.postalCode };
const country = form.elements.country;
const WITH_POSTCODE = { US: "ZIP code", GB: "Postal code", CA: "Postal code" };

function problemOf(name) {
  if (inputs[name].closest("[hidden]")) return null;
  const text = inputs[name].value;
  if (name === "number") return problemOfNumber(text);
  if (name === "expiry") return problemOfExpiry(text);
  return name === "cvc" ? problemOfCode(text, inputs.number.value) : problemOfPostcode(text, country.value);
}

// the first problem as Stripe's error, all of them shown; null when there is none
function validate() {
  const wrong = Object.keys(inputs).filter((name) => show(name, problemOf(name)));
  if (!wrong.length) return null;
  inputs[wrong[0]].focus();
  const [code, message] = problemOf(wrong[0]);
  return { type: "validation_error", code, message };
}

function show(name, problem) {
  const line = document.getElementById(`${name}-problem`);
  inputs[name].setAttribute("aria-invalid", problem ? "true" : "false");
  line.textContent = problem ? problem[1] : "";
  return problem;
}

function format(name) {
  const input = inputs[name];
  const rest = digitsOf(input.value.slice(input.selectionStart)).length;
  if (name === "number") input.value = spaced(input.value);
  if (name === "cvc") input.value = digitsOf(input.value).slice(0, brandOf(digitsOf(inputs.number.value))[3]);
  if (name === "number" && rest) keepCaret(input, rest);
}

// typing in the middle of a number: the same digits stay behind the caret
function keepCaret(input, digitsBehind) {
  let place = input.value.length;
  for (let left = digitsBehind; left > 0 && place > 0; place--) if (/\d/.test(input.value[place - 1])) left--;
  input.setSelectionRange(place, place);
}

function typed(name, event) {
  const deleting = event.inputType?.startsWith("delete");
  if (name === "expiry" && !deleting) inputs.expiry.value = expiry(inputs.expiry.value);
  if (name !== "expiry") format(name);
  if (name === "number") showBrand();
  if (!problemOf(name)) show(name, null);
  changed();
}

function showBrand() {
  const name = brandOf(digitsOf(inputs.number.value))[0];
  form.querySelector("[data-brand]").textContent = BRAND_NAMES[name] ?? "";
  inputs.cvc.placeholder = name === "amex" ? "1234" : "123";
}

function countryChosen() {
  const label = WITH_POSTCODE[country.value];
  form.querySelector("[data-postcode]").hidden = !label || country.closest("[hidden]") !== null;
  form.querySelector("[for=postalCode]").textContent = label ?? "Postal code";
  show("postalCode", null);
}

function card() {
  const digits = digitsOf(inputs.expiry.value);
  return { number: digitsOf(inputs.number.value), exp_month: +digits.slice(0, 2), exp_year: 2000 + +digits.slice(2), cvc: inputs.cvc.value };
}

function billingDetails() {
  if (country.closest("[hidden]")) return {};
  const asked = !inputs.postalCode.closest("[hidden]");
  return { address: { country: country.value, ...(asked && { postal_code: inputs.postalCode.value.trim() }) } };
}

for (const [name, input] of Object.entries(inputs)) {
  input.addEventListener("input", (event) => typed(name, event));
  input.addEventListener("change", () => input.value && show(name, problemOf(name)));
}
country.addEventListener("change", () => {
  countryChosen();
  changed();
});
form.addEventListener("submit", (event) => event.preventDefault());
