// The bank's page over the merchant's, until the customer has answered.

function challenge(page, clientSecret) {
  const overlay = document.createElement("dialog");
  overlay.setAttribute("aria-label", "Your bank asks you to confirm");
  Object.assign(overlay.style, {
    position: "fixed", inset: "0", width: "100%", height: "100%", maxWidth: "none", maxHeight: "none", margin: "0",
    padding: "16px", boxSizing: "border-box", border: "0", background: "rgb(15 17 22 / .6)", colorScheme: "light", overflow: "auto",
  });
  return new Promise((answered) => {
    const close = () => {
      frame.remove();
      overlay.remove();
      answered();
    };
    const path = new URL(page).pathname;
    const frame = new Frame(path, { client_secret: clientSecret }, "Bank authentication", (type) => {
      if (type === "loaded") frame.element.focus();
      if (type === "answered") close();
    });
    Object.assign(frame.element.style, {
      width: "min(100%, 440px)", height: "380px", margin: "max(0px, 12vh) auto 0", borderRadius: "14px", background: "#fff",
    });
    overlay.append(frame.element);
    overlay.addEventListener("cancel", (event) => event.preventDefault()); // the page inside has the way out
    document.body.append(overlay);
    overlay.showModal();
  });
}
