"""What must be right about the looks of every page, on a phone in the light and on a desk in the dark."""

from playwright.sync_api import Page

from tests.e2e.axe import violations

VIEWS = (((390, 844), "light"), ((1280, 900), "dark"))
NARROWEST = (360, 740)

# Runs in the page. Links within a sentence may be as low as their line; everything else is for a thumb. Frames and
# dialogs are Stripe's, whose script sets their styles by property.
MEASURED = """() => {
  const found = [], wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(`scrolls sideways, ${wide} px wide`);
  const targets = "a, button, select, summary, label.choice, input:not([type=hidden], label.choice *)";
  for (const each of document.querySelectorAll(targets)) {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    const unseen = !box.width || style.visibility === "hidden" || each.closest(".skip");
    if (unseen || style.display === "inline") continue;
    if (box.height < 43.9) found.push(`${box.height} px high: ${each.outerHTML.slice(0, 120)}`);
    if (box.left < 0 || box.right > innerWidth) found.push(`cut off: ${each.outerHTML.slice(0, 120)}`);
  }
  for (const each of document.querySelectorAll("[style]:not(iframe, dialog)"))
    found.push(`inline style: ${each.outerHTML.slice(0, 120)}`);
  return found;
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is now; empty when nothing is."""
    found = []
    for (width, height), scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{scheme}, {width} px: {fault}" for fault in violations(page)]
    page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    return found + [f"{NARROWEST[0]} px: {fault}" for fault in page.evaluate(MEASURED)]
