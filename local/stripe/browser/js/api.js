// Calls with a publishable key, as a browser may make them. Answers are never thrown: {error} says what went wrong.

const ORIGIN = new URL(document.currentScript.src).origin;

async function call(method, path, params) {
  const form = new URLSearchParams();
  flatten(form, "", params);
  const [url, options] = method === "GET" ? [`${path}?${form}`, {}] : [path, { method, body: form }];
  try {
    const answer = await fetch(ORIGIN + url, { ...options, credentials: "omit" });
    return await answer.json();
  } catch {
    const message = "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.";
    return { error: { type: "api_connection_error", message } };
  }
}

// {card: {number: 1}} travels as card[number]=1
function flatten(form, prefix, value) {
  if (value === undefined || value === null) return;
  if (typeof value !== "object") return form.append(prefix, value);
  for (const [name, inner] of Object.entries(value)) flatten(form, prefix ? `${prefix}[${name}]` : name, inner);
}
