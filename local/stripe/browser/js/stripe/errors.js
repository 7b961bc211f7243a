// A mistake of the page's author; everything that happens to customers is an {error} instead.

class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

function required(condition, message) {
  if (!condition) throw new IntegrationError(message);
}
