// Signing in. All of it can be done without this file, by typing the code from the mail.
"use strict";

const REMEMBERED = "tillkey-address";

// Where mailed links lead: take the token out of the address bar and history, and send it.
const landing = document.getElementById("landing");
if (landing) {
  enter();
  // a link pasted into the address bar of this very page loads nothing anew
  addEventListener("hashchange", enter);
}

function enter() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (!/^[\w-]{43}$/.test(token)) return;
  landing.elements.token.value = token;
  landing.hidden = false;
  document.getElementById("by-code").hidden = true;
  landing.submit();
}

// "Send it again" starts with the address typed before, which our pages never repeat. It stays in this tab.
const ask = document.getElementById("ask");
ask?.addEventListener("submit", () => remember(ask.elements.email.value));

const again = document.getElementById("again");
if (again && !again.elements.email.value) again.elements.email.value = remembered();

function remember(address) {
  try {
    sessionStorage.setItem(REMEMBERED, address);
  } catch {
    // storage is switched off: the address is typed again
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}
