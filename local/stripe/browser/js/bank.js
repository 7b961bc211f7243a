// The bank's page inside a frame: tells the page around it that it is there, how tall it is, and when it is answered.
"use strict";

const PARENT = document.documentElement.dataset.parent;
const tell = (type, detail) => window.parent.postMessage({ type, detail }, PARENT);

if (PARENT && window.parent !== window) {
  tell("height", document.documentElement.offsetHeight);
  tell(document.documentElement.hasAttribute("data-answered") ? "answered" : "loaded", {});
}
