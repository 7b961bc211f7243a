"""Stripe's refusals: one exception, and a constructor for each kind the local Stripe gives.

Shape and codes: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes.
"""

from __future__ import annotations

from typing import Any

# How Stripe names an object in "No such …" where that is not the object's own name.
DISPLAY_NAMES = {
    "payment_method": "PaymentMethod",
    "setup_intent": "setupintent",
    "tax_rate": "tax rate",
    "webhook_endpoint": "webhook endpoint",
}


class StripeError(Exception):
    """A refusal as Stripe words it. Whatever the handler wrote before raising it stays written.

    `executed` is False for refusals given before the endpoint began (parameters, keys, limits):
    those are not kept under an idempotency key.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        executed: bool = True,
        **fields: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.executed = executed
        self.fields = {name: value for name, value in fields.items() if value is not None}

    def body(self, request_log_url: str) -> dict[str, Any]:
        """The JSON body: absent fields are left out, as Stripe does."""
        error = {**self.fields, "message": self.message, "type": self.type, "request_log_url": request_log_url}
        if "code" in error:
            error["doc_url"] = doc_url(error["code"])
        return {"error": error}


def doc_url(code: str) -> str:
    """Where Stripe explains an error code."""
    return "https://stripe.com/docs/error-codes/" + code.replace("_", "-")


def invalid(message: str, param: str | None = None, code: str | None = None, **fields: Any) -> StripeError:
    """400 from inside an endpoint: the request is understood and refused."""
    return StripeError(400, message, param=param, code=code, **fields)


def bad_parameter(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """400 before the endpoint begins: a parameter is unknown, missing or malformed."""
    return StripeError(400, message, param=param, code=code, executed=False)


def missing_parameter(param: str) -> StripeError:
    """400: a required parameter is absent."""
    return bad_parameter(f"Missing required param: {param}.", param, "parameter_missing")


def cannot_be_empty(param: str) -> StripeError:
    """400: the empty string unsets a parameter, and this one cannot be unset."""
    return bad_parameter(
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a "
        f"parameter; however '{param}' cannot be unset. You should remove '{param}' from your request or "
        "supply a non-empty value.",
        param,
        "parameter_invalid_empty",
    )


def key_in_use() -> StripeError:
    """409: the first call under this idempotency key is still being answered."""
    return StripeError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means "
        "you submitted twice, and the other request is still going through)",
        type="idempotency_error",
        code="idempotency_key_in_use",
        executed=False,
    )


def no_such(object_name: str, id: str, param: str = "id", status: int = 404) -> StripeError:
    """404 for the object a path names; callers pass 400 for one named in a parameter."""
    shown = DISPLAY_NAMES.get(object_name, object_name)
    return StripeError(status, f"No such {shown}: '{id}'", param=param, code="resource_missing")


def card_declined(
    message: str, code: str, decline_code: str | None = None, param: str | None = None, **objects: Any
) -> StripeError:
    """402: the card was refused. `objects` may carry the payment_intent, setup_intent or payment_method."""
    return StripeError(402, message, type="card_error", code=code, decline_code=decline_code, param=param, **objects)
