"""Every address of the portal, by name. All links come from `path` and `absolute`; nothing reads the Host header."""

from urllib.parse import quote, urlencode, urlsplit

from chalicelib.settings.merchant import Settings

ROUTES = {
    "home": "/",
    "sign_in": "/sign-in",
    "sign_in_link": "/sign-in/link",
    "sign_in_code": "/sign-in/code",
    "sign_out": "/sign-out",
    "sign_out_everywhere": "/sign-out/everywhere",
    "item": "/items/{item}",
    "card": "/items/{item}/card",
    "card_new": "/items/{item}/card/new",
    "card_return": "/items/{item}/card/return",
    "card_finish": "/items/{item}/card/finish",
    "card_elsewhere": "/items/{item}/card/elsewhere",
    "pay_all": "/pay",
    "pay": "/items/{item}/pay",
    "pay_return": "/items/{item}/pay/return",
    "resume": "/items/{item}/resume",
    "pay_next": "/items/{item}/pay-next",
    "pay_next_return": "/items/{item}/pay-next/return",
    "pay_off": "/items/{item}/pay-off",
    "pay_off_return": "/items/{item}/pay-off/return",
    "cancel": "/items/{item}/cancel",
    "undo": "/items/{item}/undo",
    "wallet": "/cards",
    "card_remove": "/cards/{card}/remove",
    "order": "/orders/{order}",
    "payments": "/payments",
    "receipt": "/receipts/{receipt}",
    "receipt_pdf": "/receipts/{receipt}/pdf",
    "webhook": "/webhooks/stripe",
    "static": "/static/{version}/{name}",
    "logo": "/brand/{file}",
}


def prefix(settings: Settings) -> str:
    """The path every route lies under, without a slash at its end: "" or "/api"."""
    return urlsplit(settings.public_url).path.rstrip("/")


def origin(settings: Settings) -> str:
    """Scheme and host of the portal, as browsers send it in `Origin`."""
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"


def path(settings: Settings, name: str, /, _query: dict[str, str] | None = None, **params: str) -> str:
    """Address of a page for links, forms and redirects, from the root of the host."""
    quoted = {key: quote(value, safe="") for key, value in params.items()}
    query = f"?{urlencode(_query)}" if _query else ""
    return prefix(settings) + ROUTES[name].format(**quoted) + query


def absolute(settings: Settings, name: str, /, _query: dict[str, str] | None = None, **params: str) -> str:
    """Address of a page for mails and for Stripe's return, always on the configured public address."""
    return origin(settings) + path(settings, name, _query, **params)


def safe_return(settings: Settings, wanted: str) -> str:
    """`wanted` when it is a plain path of this portal (below the prefix), else the home page."""
    plain = wanted.startswith(prefix(settings) + "/") and not wanted.startswith("//")
    clean = all(" " < c < "\x7f" and c not in '\\"<>' for c in wanted)
    parts = urlsplit(wanted) if plain and clean else None
    if parts and not parts.scheme and not parts.netloc and ".." not in parts.path and "//" not in parts.path:
        return wanted
    return path(settings, "home")
