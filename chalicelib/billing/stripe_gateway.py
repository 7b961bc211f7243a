"""Gateway (see `ports.py`) over Stripe's API, version 2026-10-28.endive. Every write carries the key of its step."""

import json

from chalicelib.billing.errors import Declined, OutcomeUnknown, StripeUnavailable
from chalicelib.billing.ports import CardSetup, PayResult, SetupResult
from chalicelib.billing.reasons import Reason
from chalicelib.billing.stripe_phases import phase_params
from chalicelib.billing.stripe_resume import StripeResume
from chalicelib.billing.translate_json import Json

# What invoices.pay answers when the bank wants to hear from the customer (https://docs.stripe.com/error-codes).
NEEDS_CUSTOMER = {"invoice_payment_intent_requires_action", "authentication_required"}
MARK = "tillkey_cancel"


class StripeGateway(StripeResume):
    """Reading and acting."""

    def start_card(self, customer: str, purpose: str, key: str) -> CardSetup:
        """https://docs.stripe.com/api/setup_intents/create; off_session: Stripe will charge it without the customer."""
        made = self.calls.write(
            "/v1/setup_intents",
            key,
            customer=customer,
            usage="off_session",
            automatic_payment_methods={"enabled": True},
            metadata={"tillkey_item": purpose},
        )
        return CardSetup(made["id"], made["client_secret"])

    def card_setup(self, setup: str) -> SetupResult | None:
        """https://docs.stripe.com/api/setup_intents/retrieve"""
        data = self.calls.read(f"/v1/setup_intents/{setup}")
        if data is None:
            return None
        error = data.get("last_setup_error") or {}
        return SetupResult(
            data["id"],
            str(data.get("customer") or ""),
            data["status"],
            str(data.get("payment_method") or ""),
            (data.get("metadata") or {}).get("tillkey_item", ""),
            error.get("decline_code") or error.get("code") or "",
        )

    def use_card(self, subscription: str, card: str, key: str) -> None:
        """https://docs.stripe.com/api/subscriptions/update"""
        self.calls.write(f"/v1/subscriptions/{subscription}", key, default_payment_method=card)

    def use_card_in_schedule(self, schedule: str, card: str, key: str) -> None:
        """Default settings, and each phase from the current one on that names a card of its own."""
        data = self.calls.read(f"/v1/subscription_schedules/{schedule}") or {}
        now = (data.get("current_phase") or {}).get("start_date", 0)
        phases = []
        for phase in data.get("phases", []):
            own_card = phase["start_date"] >= now and phase.get("default_payment_method")
            phases.append({**phase_params(phase), **({"default_payment_method": card} if own_card else {})})
        self.calls.write(
            f"/v1/subscription_schedules/{schedule}",
            key,
            default_settings={"default_payment_method": card},
            phases=phases,
            proration_behavior="none",
        )

    def use_card_for_bill(self, bill: str, card: str, key: str) -> None:
        """https://docs.stripe.com/api/invoices/update (default_payment_method)"""
        self.calls.write(f"/v1/invoices/{bill}", key, default_payment_method=card)

    def remove_card(self, card: str, key: str) -> None:
        """https://docs.stripe.com/api/payment_methods/detach"""
        self.calls.write(f"/v1/payment_methods/{card}/detach", key)

    def pay(self, bill: str, card: str, key: str) -> PayResult:
        """https://docs.stripe.com/api/invoices/pay with the customer present (off_session false)"""
        answer: Json | None = None
        try:
            answer = self.calls.write(f"/v1/invoices/{bill}/pay", key, payment_method=card, off_session=False)
        except Declined as declined:
            if declined.decline_code not in NEEDS_CUSTOMER:
                return PayResult(bill, "declined", declined.decline_code)
        if answer and answer["status"] == "paid":
            return PayResult(bill, "paid")
        try:
            return self.pay_state(bill)
        except StripeUnavailable as error:
            if answer is None:
                return PayResult(bill, "action")
            raise OutcomeUnknown from error  # it may be on its way; that could not be read

    def pay_state(self, bill: str) -> PayResult:
        """Status of the invoice, and the secret its confirmation in the browser needs."""
        data = self.calls.read(f"/v1/invoices/{bill}", expand=["confirmation_secret", "payments"]) or {}
        secret = (data.get("confirmation_secret") or {}).get("client_secret", "")
        status = "paid" if data.get("status") == "paid" else self._intent_status(data)
        return PayResult(bill, status, "", secret, data.get("hosted_invoice_url") or "")

    def cancel_at_period_end(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        """https://docs.stripe.com/billing/subscriptions/cancel"""
        path = f"/v1/subscriptions/{subscription}"
        self.calls.write(
            path, key, cancel_at_period_end=True, metadata={MARK: intent}, cancellation_details=_details(reason)
        )

    def cancel_now(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        """https://docs.stripe.com/api/subscriptions/cancel"""
        self.calls.delete(f"/v1/subscriptions/{subscription}", key, cancellation_details=_details(reason))

    def give_reason(self, subscription: str, reason: Reason, key: str) -> None:
        """https://docs.stripe.com/api/subscriptions/update (cancellation_details; no end, so allowed)"""
        self.calls.write(f"/v1/subscriptions/{subscription}", key, cancellation_details=_details(reason))

    def schedule_backup(self, schedule: str) -> str:
        """Phases as parameters that would make them again, with the end behaviour."""
        data = self.calls.read(f"/v1/subscription_schedules/{schedule}") or {}
        phases = [phase_params(phase) for phase in data.get("phases", [])]
        return json.dumps({"phases": phases, "end_behavior": data.get("end_behavior", "release")})

    def end_with_phase(self, schedule: str, end: int, intent: str, key: str) -> None:
        """https://docs.stripe.com/billing/subscriptions/subscription-schedules: past and current phases stay."""
        data = self.calls.read(f"/v1/subscription_schedules/{schedule}") or {}
        now = (data.get("current_phase") or {}).get("start_date", 0)
        phases = [phase_params(phase) for phase in data.get("phases", []) if phase["start_date"] <= now]
        phases[-1]["end_date"] = min(end, phases[-1]["end_date"])
        self.calls.write(
            f"/v1/subscription_schedules/{schedule}",
            key,
            phases=phases,
            end_behavior="cancel",
            proration_behavior="none",
            metadata={MARK: intent},
        )

    def set_autocharge(self, bill: str, on: bool, key: str) -> None:
        """https://docs.stripe.com/api/invoices/update (auto_advance)"""
        self.calls.write(f"/v1/invoices/{bill}", key, auto_advance=on)

    def keep(self, subscription: str, ends: int | None, key: str) -> None:
        """https://docs.stripe.com/billing/subscriptions/cancel#reactivating-canceled-subscriptions"""
        end: Json = {"cancel_at": ends} if ends else {"cancel_at_period_end": False}
        self.calls.write(f"/v1/subscriptions/{subscription}", key, metadata={MARK: ""}, **end)

    def restore_schedule(self, schedule: str, backup: str, key: str) -> None:
        """The phases and end as they were before our cancellation."""
        kept = json.loads(backup)
        self.calls.write(
            f"/v1/subscription_schedules/{schedule}",
            key,
            phases=kept["phases"],
            end_behavior=kept["end_behavior"],
            proration_behavior="none",
            metadata={MARK: ""},
        )

    def _intent_status(self, invoice: Json) -> str:
        """What the invoice's latest PaymentIntent waits for (https://docs.stripe.com/payments/paymentintents/lifecycle)."""
        rows = (invoice.get("payments") or {}).get("data") or []
        intent = ((rows[-1].get("payment") or {}).get("payment_intent") if rows else None) or ""
        status = (self.calls.read(f"/v1/payment_intents/{intent}") or {}).get("status", "") if intent else ""
        return {"requires_action": "action", "processing": "processing"}.get(status, "open")


def _details(reason: Reason) -> Json:
    """Both always, so that no words of an earlier cancellation stay; "" unsets."""
    return {"feedback": reason.feedback, "comment": reason.comment}
