"""What browsers meet of the local Stripe: Stripe.js and its frames, the bank's page, hosted invoices, the console.

Stripe.js is written in parts under `js/`, which lie in one scope and are joined when served. Pages need no
script but the card field; posts come from pages of this origin only.
"""

from local.stripe.browser.site import register

__all__ = ["register"]
