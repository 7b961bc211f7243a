"""Accessibility, by axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is now; empty when nothing is."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']} — {[node['target'] for node in each['nodes']]}" for each in found]
