"""One way to call Stripe: plain dicts in and out, our errors only, one layer of retries, deadlines on every call.

Uses the client's raw requests: the typed classes cost many times the CPU of the JSON they wrap.
"""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import requests
import stripe

from chalicelib import metrics
from chalicelib.billing.errors import Declined, KeyTooNarrow, NotPossible, OutcomeUnknown, StripeUnavailable
from chalicelib.billing.secrets import Secrets
from chalicelib.config import Config

log = logging.getLogger(__name__)
CONNECT, READ = 3.0, 9.0
PAGE, PAUSE = 100, 0.5
CONFLICT = 409  # a request with the same key is still under way
Json = dict[str, Any]


class StripeCalls:
    """A Stripe client. Reads raise StripeUnavailable (KeyTooNarrow is one); writes may also raise OutcomeUnknown."""

    def __init__(self, config: Config, secrets: Secrets, http: stripe.RequestsClient | None = None) -> None:
        stripe.enable_telemetry = False
        self._base: Any = {"api": config.stripe_api_base} if config.stripe_api_base else None
        self._secrets = secrets
        self._made: tuple[str, stripe.StripeClient] | None = None
        self._http = http or stripe.RequestsClient(timeout=(CONNECT, READ))

    def _client(self, key: str) -> stripe.StripeClient:
        """One client for as long as the key stays the same; connections outlive it."""
        made = self._made
        if made is None or made[0] != key:
            client = stripe.StripeClient(key, base_addresses=self._base, max_network_retries=1, http_client=self._http)
            self._made = made = (key, client)
        return made[1]

    def read(self, path: str, **params: Any) -> Json | None:
        """GET one object; None when Stripe no longer has it."""
        try:
            return self._request("get", path, params)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404 or error.code == "resource_missing":
                return None
            raise _translated(error) from error
        except stripe.StripeError as error:
            raise _unavailable(error) from error

    def pages(self, path: str, **params: Any) -> Iterator[Json]:
        """GET a whole list, page by page, newest first."""
        after: Json = {}
        while True:
            page = self.read(path, limit=PAGE, **params, **after) or {"data": [], "has_more": False}
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def refused_or(self, path: str, **params: Any) -> list[Json]:
        """GET a list that some accounts may not use (search); a refusal is an empty list."""
        try:
            return list(self._request("get", path, params)["data"])
        except stripe.InvalidRequestError:
            return []
        except stripe.StripeError as error:
            raise _unavailable(error) from error

    def ask(self, path: str, **params: Any) -> Json | None:
        """POST that changes nothing (previews); None when Stripe has no answer for this object."""
        try:
            return self._request("post", path, params)
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise _unavailable(error) from error

    def delete(self, path: str, key: str, **params: Any) -> Json:
        """DELETE under an idempotency key. Raises as `write`."""
        return self._changed("delete", path, {**params, "idempotency_key": key})

    def write(self, path: str, key: str, **params: Any) -> Json:
        """POST under an idempotency key. Raises Declined, NotPossible, StripeUnavailable or OutcomeUnknown."""
        return self._changed("post", path, {**params, "idempotency_key": key})

    def _changed(self, method: str, path: str, params: Json) -> Json:
        """One try, and one more under the same key when nothing was heard of the first.

        After that only a clear answer counts: that the second was not let in says nothing about the first.
        """
        once = {**params, "max_network_retries": 0}
        try:
            return self._request(method, path, once)
        except stripe.StripeError as error:
            first = _translated(error)
            if not isinstance(first, OutcomeUnknown):
                raise first from error
        time.sleep(PAUSE)
        try:
            return self._request(method, path, once)
        except stripe.StripeError as error:
            second = _translated(error)
            raise (OutcomeUnknown() if isinstance(second, StripeUnavailable) else second) from error

    def _request(self, method: str, path: str, params: Json) -> Json:
        key = self._secrets.stripe_key()
        try:
            return self._sent(key, method, path, params)
        except stripe.AuthenticationError:
            # refused at the door, so nothing was done; the key may have been replaced
            if not self._secrets.again(key):
                raise
            return self._sent(self._secrets.stripe_key(), method, path, params)

    def _sent(self, key: str, method: str, path: str, params: Json) -> Json:
        answer: Json = json.loads(self._client(key).raw_request(method, path, **params).body)
        return answer


def _unavailable(error: stripe.StripeError) -> StripeUnavailable:
    if isinstance(error, stripe.PermissionError):
        return _too_narrow(error)
    _note(error)
    return StripeUnavailable()


def _too_narrow(error: stripe.StripeError) -> KeyTooNarrow:
    metrics.count("stripe_errors")
    log.error("stripe refuses the key", extra={"code": error.code, "stripe_request": error.request_id})
    return KeyTooNarrow()


def _translated(error: stripe.StripeError) -> Exception:
    """Stripe's error as ours (https://docs.stripe.com/api/errors). What we do not recognise stays loud."""
    if isinstance(error, stripe.CardError):
        return Declined(_decline_code(error))
    if isinstance(error, stripe.RateLimitError) or error.code == "lock_timeout":
        return _unavailable(error)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return _too_narrow(error)
    if isinstance(error, stripe.APIConnectionError):
        _note(error)
        return StripeUnavailable() if _never_sent(error) else OutcomeUnknown()
    if isinstance(error, stripe.IdempotencyError) or error.http_status == CONFLICT:
        return OutcomeUnknown()
    if isinstance(error, stripe.InvalidRequestError):
        _note(error)
        return NotPossible()
    if error.http_status is not None and error.http_status >= 500:
        _note(error)
        return OutcomeUnknown()
    return error


def _never_sent(error: stripe.APIConnectionError) -> bool:
    """True when no connection was made at all, so nothing can have happened at Stripe."""
    cause = error.__cause__
    unconnected = isinstance(cause, requests.ConnectionError) and "Failed to establish" in str(cause)
    return isinstance(cause, requests.ConnectTimeout) or unconnected


def _decline_code(error: stripe.CardError) -> str:
    details = error.error
    return str(getattr(details, "decline_code", None) or error.code or "generic_decline")


def _note(error: stripe.StripeError) -> None:
    metrics.count("stripe_errors")
    log.warning("stripe", extra={"code": error.code, "http": error.http_status, "stripe_request": error.request_id})
