// This frame and the page it lies in. Only the page that opened it is heard and answered.

const PARENT = new URLSearchParams(location.search).get("parent");
const LOOKS = ["colorPrimary", "colorBackground", "colorText", "colorTextSecondary", "colorTextPlaceholder", "colorDanger", "fontFamily", "fontSizeBase", "borderRadius", "spacingUnit"];
// the local Stripe's own: a bank that insists on the whole page instead of a frame
const LEAVES_THE_PAGE = "4000000000003063";

function tell(type, detail) {
  window.parent.postMessage({ type, detail }, PARENT);
}

function changed() {
  const fields = Object.keys(inputs);
  const empty = fields.every((name) => !inputs[name].value);
  tell("change", { empty, complete: fields.every((name) => !problemOf(name)), collapsed: false, value: { type: "card" } });
}

const HEARD = {
  start({ appearance, options }) {
    form.hidden = false;
    look({ appearance });
    choose({ options });
    tell("height", document.documentElement.offsetHeight);
    tell("ready", {});
  },
  appearance: look,
  options: choose,
  focus: () => inputs.number.focus(),
  blur: () => document.activeElement?.blur(),
  validate: () => ({ error: validate() }),
  confirm: async ({ path, request }) => busy(() => call("POST", path, described(request))),
  method: async ({ request }) => busy(() => call("POST", "/v1/payment_methods", { ...request, ...methodData(request) })),
};

function look({ appearance }) {
  const root = document.documentElement;
  root.dataset.theme = appearance.theme === "night" ? "night" : "stripe";
  for (const name of LOOKS) {
    const value = appearance.variables?.[name];
    if (value) root.style.setProperty(`--${name}`, value);
    else root.style.removeProperty(`--${name}`);
  }
}

function choose({ options }) {
  const details = options.fields?.billingDetails;
  const asked = details !== "never" && details?.address !== "never" && details?.address?.country !== "never";
  form.querySelector("[data-country]").hidden = !asked;
  const given = options.defaultValues?.billingDetails?.address;
  if (given?.country) country.value = given.country;
  if (given?.postal_code) inputs.postalCode.value = given.postal_code;
  countryChosen();
}

// a request with the card in it: what may leave this frame goes to the API only
function described({ payment_method_data: given = {}, ...request }) {
  const leaves = card().number === LEAVES_THE_PAGE && request.return_url;
  return { ...request, use_stripe_sdk: !leaves, payment_method_data: { ...given, ...methodData(given) } };
}

function methodData({ billing_details: given = {} }) {
  const entered = billingDetails();
  return { type: "card", card: card(), billing_details: { ...given, address: { ...entered.address, ...given.address } } };
}

async function busy(work) {
  form.querySelector("fieldset").disabled = true;
  try {
    return await work();
  } finally {
    form.querySelector("fieldset").disabled = false;
  }
}

window.addEventListener("message", async (event) => {
  if (event.source !== window.parent || event.origin !== PARENT || !Object.hasOwn(HEARD, event.data.type)) return;
  const { type, detail } = event.data;
  const answer = await HEARD[type](detail);
  if (detail.number) tell("answer", { number: detail.number, answer });
});
form.addEventListener("focusin", (event) => form.contains(event.relatedTarget) || tell("focus", {}));
form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || tell("blur", {}));
new ResizeObserver(() => form.hidden || tell("height", document.documentElement.offsetHeight)).observe(document.documentElement);
country.value = new Intl.Locale(navigator.language).region ?? "GB";
if (!country.value) country.value = "GB";
countryChosen();
tell("loaded", {});
