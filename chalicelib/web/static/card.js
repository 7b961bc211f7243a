// Stripe's card field and the bank's questions. Everything else on these pages works without script.
// https://docs.stripe.com/js/setup_intents/confirm_setup and https://docs.stripe.com/js/payment_intents/handle_next_action
"use strict";

const NOT_LOADED = "The secure card form couldn’t be loaded. Check your connection, then open this page again.";
const NOT_REACHED = "Your bank couldn’t be reached, so nothing was charged. Check your connection, then try again.";

const newCard = document.querySelector("[data-new-card]");
const payment = document.querySelector("[data-confirm-payment]");
const finished = document.querySelector("[data-submit-now]");

if (finished) finished.submit();
if (newCard) offerCardField(newCard);
if (payment) askTheBank(payment);

function offerCardField(form) {
  if (!window.Stripe) return giveUp(form);
  const stripe = window.Stripe(form.dataset.publishableKey);
  const elements = stripe.elements({ clientSecret: form.dataset.clientSecret, appearance: appearance() });
  const field = elements.create("payment", { layout: "tabs" });
  field.on("ready", () => {
    form.querySelector("[data-waiting]").hidden = true;
    free(form);
  });
  field.on("loaderror", () => giveUp(form));
  field.mount(form.querySelector("[data-card]"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saveCard(form, stripe, elements);
  });
}

async function saveCard(form, stripe, elements) {
  hold(form, "Saving your card…");
  const answer = await stripe.confirmSetup({
    elements,
    confirmParams: { return_url: form.dataset.returnUrl },
    redirect: "if_required",
  });
  const saved = answer.setupIntent || (answer.error.setup_intent?.status === "succeeded" && answer.error.setup_intent);
  if (saved) {
    form.elements.setup_intent.value = saved.id;
    form.submit();
  } else {
    // what is missing or mistyped, the field itself points out
    if (answer.error.type !== "validation_error") tell(form, why(form, answer.error));
    free(form);
  }
}

function why(form, error) {
  const words = JSON.parse(form.dataset.declines);
  return words[error.decline_code] || words[error.code] || words[""];
}

function askTheBank(form) {
  if (!window.Stripe) return;
  const stripe = window.Stripe(form.dataset.publishableKey);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    confirm(form, stripe);
  });
  confirm(form, stripe);
}

async function confirm(form, stripe) {
  hold(form, "Waiting for your bank…");
  const answer = await stripe.handleNextAction({ clientSecret: form.dataset.clientSecret }).catch(() => null);
  // Confirmed, refused, or no question left to answer (an older page): our server reads what became of it. A refused
  // payment can't be asked about again; paying anew is a new attempt, which the page that comes offers.
  if (answer?.error?.type !== "api_connection_error") return form.submit();
  tell(form, NOT_REACHED);
  free(form);
}

function hold(form, doing) {
  form.querySelector("[data-problem]").hidden = true;
  form.querySelector("[data-go]").disabled = true;
  form.querySelector("[data-status]").textContent = doing;
}

function free(form) {
  form.querySelector("[data-go]").disabled = false;
  form.querySelector("[data-status]").textContent = "";
}

function tell(form, words) {
  const problem = form.querySelector("[data-problem]");
  problem.firstElementChild.textContent = words;
  problem.hidden = false;
}

function giveUp(form) {
  form.querySelector("[data-field]").hidden = true;
  form.querySelector("[data-go]").hidden = true;
  tell(form, NOT_LOADED);
}

function appearance() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    theme: dark ? "night" : "stripe",
    variables: {
      colorPrimary: token("--brand-edge"),
      colorBackground: token("--surface"),
      colorText: token("--ink"),
      colorTextSecondary: token("--muted"),
      colorDanger: token("--bad"),
      fontFamily: "system-ui, sans-serif",
      borderRadius: "10px",
    },
  };
}
