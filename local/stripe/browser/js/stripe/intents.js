// Confirming intents and what they ask for next.
// https://docs.stripe.com/js/setup_intents/confirm_setup and https://docs.stripe.com/js/payment_intents/confirm_payment

const KINDS = {
  seti: { object: "setup_intent", name: "SetupIntent", result: "setupIntent", lastError: "last_setup_error" },
  pi: { object: "payment_intent", name: "PaymentIntent", result: "paymentIntent", lastError: "last_payment_error" },
};

function kindOf(clientSecret) {
  const match = /^(seti|pi)_\w+_secret_\w+$/.exec(clientSecret);
  return match && match[1];
}

function pathOf(clientSecret) {
  return `/v1/${KINDS[kindOf(clientSecret)].object}s/${clientSecret.split("_secret_")[0]}`;
}

function retrieve(key, clientSecret) {
  return call("GET", pathOf(clientSecret), { key, client_secret: clientSecret });
}

async function retrieved(key, prefix, clientSecret) {
  const kind = KINDS[prefix];
  required(kindOf(clientSecret) === prefix, `retrieve${kind.name}: clientSecret should be that of a ${kind.name}.`);
  const intent = await retrieve(key, clientSecret);
  return intent.error ? intent : { [kind.result]: intent };
}

async function confirmIntent(key, prefix, { elements, clientSecret, confirmParams = {}, redirect = "always" }) {
  const kind = KINDS[prefix];
  required(elements instanceof Elements, "elements should be an Elements instance with a mounted Payment Element.");
  const secret = clientSecret ?? elements.clientSecret;
  required(secret && kindOf(secret) === prefix, `The client secret of a ${kind.name} is required to confirm it.`);
  required(!elements.mode || elements.submitted, "elements.submit() must be called before confirming, and before any asynchronous work.");
  required(redirect === "if_required" || confirmParams.return_url, "You must provide `return_url` when confirming with redirect: \"always\".");
  required(!confirmParams.return_url || URL.canParse(confirmParams.return_url), "`return_url` must be an absolute URL.");
  const { error } = await elements.field().ask("validate", {});
  if (error) return { error };
  const request = { key, client_secret: secret, ...confirmParams };
  const intent = await elements.field().ask("confirm", { path: `${pathOf(secret)}/confirm`, request });
  if (intent.error) return { error: intent.error };
  return finish(await acted(key, secret, intent), secret, redirect === "always" && confirmParams.return_url);
}

// do what the intent asks for, and give the intent as it is afterwards
async function acted(key, clientSecret, intent) {
  const action = intent.status === "requires_action" && intent.next_action;
  if (!action) return intent;
  if (action.type === "redirect_to_url") return leaveFor(action.redirect_to_url.url);
  await challenge(action.use_stripe_sdk.stripe_js, clientSecret);
  return retrieve(key, clientSecret);
}

function finish(intent, clientSecret, returnUrl) {
  const kind = KINDS[kindOf(clientSecret)];
  if (intent.error) return { error: intent.error };
  if (intent.status === "requires_payment_method") {
    return { error: { ...intent[kind.lastError], [kind.object]: intent } };
  }
  if (!returnUrl) return { [kind.result]: intent };
  const back = new URL(returnUrl);
  back.searchParams.set(kind.object, intent.id);
  back.searchParams.set(`${kind.object}_client_secret`, clientSecret);
  back.searchParams.set("redirect_status", intent.status);
  return leaveFor(back);
}

// nobody waits for the answer any more
function leaveFor(url) {
  location.assign(url);
  return new Promise(() => {});
}

async function nextAction(key, { clientSecret }) {
  required(kindOf(clientSecret), "handleNextAction: clientSecret should be that of a PaymentIntent or SetupIntent.");
  const intent = await retrieve(key, clientSecret);
  if (intent.error) return { error: intent.error };
  const { name } = KINDS[kindOf(clientSecret)];
  required(intent.status === "requires_action", `handleNextAction: The ${name} supplied is not in the requires_action state.`);
  return finish(await acted(key, clientSecret, intent), clientSecret, null);
}
