// Elements and the Payment Element. https://docs.stripe.com/js/elements_object and https://docs.stripe.com/js/element

class PaymentElement {
  constructor(group, options) {
    this.group = group;
    this.options = options;
    this.handlers = new Map();
    this.frame = null;
  }

  mount(where) {
    const place = typeof where === "string" ? document.querySelector(where) : where;
    required(!this.destroyed, "This Element has already been destroyed. Please create a new one.");
    required(place instanceof Element, `The selector you specified (${where}) applies to no DOM elements that are currently on the page. Make sure the element exists on the page before calling mount().`);
    if (this.frame) this.unmount();
    this.frame = new Frame("/elements/payment", { theme: theme(this.group.appearance) }, "Secure payment input frame", (type, detail) => this.hear(type, detail));
    Object.assign(this.frame.element.style, { width: "calc(100% + 8px)", margin: "-4px", colorScheme: theme(this.group.appearance) === "night" ? "dark" : "light" });
    place.replaceChildren(this.frame.element);
  }

  async hear(type, detail) {
    if (type === "loaded") {
      const trouble = await this.group.trouble();
      if (trouble) return this.emit("loaderror", { error: trouble });
      return this.frame?.tell("start", { appearance: this.group.appearance, options: this.options });
    }
    this.emit(type, detail);
  }

  on(type, handler) {
    required(typeof handler === "function", `The handler for \`${type}\` should be a function.`);
    this.handlers.set(type, [...(this.handlers.get(type) ?? []), handler]);
    return this;
  }

  once(type, handler) {
    const one = (event) => {
      this.off(type, one);
      handler(event);
    };
    return this.on(type, one);
  }

  off(type, handler) {
    const left = (this.handlers.get(type) ?? []).filter((known) => handler && known !== handler);
    this.handlers.set(type, left);
    return this;
  }

  emit(type, detail) {
    for (const handler of this.handlers.get(type) ?? []) handler({ elementType: "payment", ...detail });
  }

  update(options) {
    Object.assign(this.options, options);
    this.frame?.tell("options", { options: this.options });
  }

  focus() {
    this.frame?.element.focus();
    this.frame?.tell("focus", {});
  }

  blur() {
    this.frame?.tell("blur", {});
  }

  collapse() {} // one payment method only: nothing to fold away

  unmount() {
    this.frame?.remove();
    this.frame = null;
  }

  destroy() {
    this.unmount();
    this.destroyed = true;
    this.group.element = null;
  }
}

class Elements {
  constructor(key, options) {
    const { clientSecret, mode } = options;
    required(!(clientSecret && mode), "You cannot specify both clientSecret and mode.");
    required(clientSecret === undefined || kindOf(clientSecret), `Invalid value for elements(): clientSecret should be a client secret of the form \${id}_secret_\${secret}. You specified: ${clientSecret}.`);
    required(!mode || ["payment", "setup", "subscription"].includes(mode), "elements(): mode should be payment, setup or subscription.");
    required(!mode || options.currency, "elements(): currency is required with mode.");
    required(!mode || mode === "setup" || Number.isInteger(options.amount), "elements(): amount is required with this mode.");
    Object.assign(this, { key, mode, clientSecret, options, appearance: options.appearance ?? {}, element: null });
    this.submitted = false;
  }

  create(type, options = {}) {
    required(type === "payment", `The local Stripe has no ${type} Element, only the payment Element.`);
    required(this.clientSecret || this.mode, "In order to create a payment element, you must pass a valid PaymentIntent or SetupIntent client secret, or a mode, when creating the Elements group.");
    required(!this.element, "Can only create one Element of type payment through an Elements instance.");
    this.element = new PaymentElement(this, { ...options });
    return this.element;
  }

  getElement(type) {
    return type === "payment" ? this.element : null;
  }

  update({ appearance, ...options }) {
    Object.assign(this.options, options);
    if (!appearance) return;
    this.appearance = appearance;
    const frame = this.element?.frame;
    if (frame) frame.element.style.colorScheme = theme(appearance) === "night" ? "dark" : "light";
    frame?.tell("appearance", { appearance });
  }

  async fetchUpdates() {
    const error = await this.trouble();
    return error ? { error } : {};
  }

  async submit() {
    const { error } = await this.field().ask("validate", {});
    this.submitted = !error;
    return error ? { error } : { selectedPaymentMethod: "card" };
  }

  field() {
    required(this.element?.frame, "Invalid value for elements: it should have a mounted Payment Element.");
    return this.element.frame;
  }

  // why the intent of this group cannot be used, or null
  async trouble() {
    if (!this.clientSecret) return null;
    const intent = await retrieve(this.key, this.clientSecret);
    if (intent.error) return intent.error;
    if (!["succeeded", "canceled"].includes(intent.status)) return null;
    const kind = KINDS[kindOf(this.clientSecret)];
    const message = `The ${kind.name} is in a terminal state and cannot be used to initialize Elements.`;
    return { type: "invalid_request_error", code: `${kind.object}_unexpected_state`, message, [kind.object]: intent };
  }
}

function theme(appearance) {
  return appearance.theme === "night" ? "night" : "stripe";
}
