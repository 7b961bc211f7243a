// An iframe of ours in the merchant's page, and the messages to and from it. Styles are set by property: the
// page's content security policy forbids style attributes.

class Frame {
  constructor(path, params, title, hear) {
    this.element = document.createElement("iframe");
    this.element.title = title;
    this.element.src = `${ORIGIN}${path}?${new URLSearchParams({ ...params, parent: location.origin })}`;
    this.element.allow = "payment";
    Object.assign(this.element.style, { border: "0", display: "block", width: "100%", height: "0" });
    this.hear = hear;
    this.waiting = new Map();
    this.listen = (event) => this.receive(event);
    window.addEventListener("message", this.listen);
  }

  receive(event) {
    if (event.origin !== ORIGIN || event.source !== this.element.contentWindow) return;
    const { type, detail } = event.data;
    if (type === "height") this.element.style.height = `${detail}px`;
    else if (type === "answer") this.settle(detail);
    else this.hear(type, detail);
  }

  settle({ number, answer }) {
    this.waiting.get(number)?.(answer);
    this.waiting.delete(number);
  }

  tell(type, detail) {
    this.element.contentWindow?.postMessage({ type, detail }, ORIGIN);
  }

  ask(type, detail) {
    const number = ++Frame.asked;
    return new Promise((answered) => {
      this.waiting.set(number, answered);
      this.tell(type, { number, ...detail });
    });
  }

  remove() {
    window.removeEventListener("message", this.listen);
    this.element.remove();
  }
}
Frame.asked = 0;
