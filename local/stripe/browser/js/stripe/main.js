// The front door: https://docs.stripe.com/js/initializing

function Stripe(key, options = {}) {
  required(typeof key === "string" && key, "Missing value for Stripe(): apiKey should be a string.");
  required(!/^[sr]k_/.test(key), "You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
  required(/^pk_test_\w+$/.test(key), "The local Stripe takes publishable test keys only: pk_test_…");
  const stripe = {
    elements: (given = {}) => new Elements(key, { locale: options.locale, ...given }),
    confirmSetup: async (given) => confirmIntent(key, "seti", given),
    confirmPayment: async (given) => confirmIntent(key, "pi", given),
    handleNextAction: async (given) => nextAction(key, given),
    retrieveSetupIntent: async (clientSecret) => retrieved(key, "seti", clientSecret),
    retrievePaymentIntent: async (clientSecret) => retrieved(key, "pi", clientSecret),
    createPaymentMethod: async (given) => newPaymentMethod(key, given),
    registerAppInfo: () => {},
  };
  return stripe;
}

async function newPaymentMethod(key, { elements, params = {} }) {
  required(elements instanceof Elements, "createPaymentMethod: the local Stripe takes {elements} only.");
  required(!elements.mode || elements.submitted, "elements.submit() must be called before stripe.createPaymentMethod().");
  const { error } = await elements.field().ask("validate", {});
  if (error) return { error };
  const method = await elements.field().ask("method", { request: { key, ...params } });
  return method.error ? { error: method.error } : { paymentMethod: method };
}

Stripe.version = "endive";
window.Stripe = Stripe;
