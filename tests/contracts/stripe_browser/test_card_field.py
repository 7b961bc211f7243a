"""Stripe.js of the local Stripe, in a page that forbids inline styles and foreign scripts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.contracts.stripe_browser.conftest import Shop
from tests.e2e.axe import violations
from tests.e2e.watch import Watch


def test_a_card_is_saved_for_the_customer_and_its_number_never_reaches_the_shops_page(shop: Shop) -> None:
    intent = shop.setup()
    shop.open({"clientSecret": intent.client_secret})
    shop.fill("4242424242424242")

    answer = shop.confirm_setup()

    assert answer["setupIntent"]["status"] == "succeeded"
    saved = shop.client.v1.payment_methods.list({"customer": shop.customer}).data
    assert [method.card.last4 for method in saved] == ["4242"]
    assert saved[0].billing_details.address.to_dict()["postal_code"] == "BS1 5TY"
    heard = "".join(shop.page.evaluate("window.heard"))
    assert intent.id in heard
    assert "4242424242424242" not in heard.replace(" ", "")


def test_the_field_tells_the_page_how_it_is_getting_on(shop: Shop) -> None:
    shop.open({"mode": "setup", "currency": "gbp"})
    shop.fill("4242424242424242")

    assert shop.events("ready") == [{"elementType": "payment"}]
    assert shop.events("focus") == [{"elementType": "payment"}]
    changes = shop.events("change")
    assert (changes[0]["empty"], changes[0]["complete"]) == (False, False)
    expected = {"elementType": "payment", "empty": False, "complete": True, "collapsed": False}
    assert changes[-1] == {**expected, "value": {"type": "card"}}


def test_what_is_typed_is_spaced_as_on_the_card(shop: Shop) -> None:
    shop.open({"mode": "setup", "currency": "gbp"})
    shop.fill("378282246310005", "434", "12345")

    expect(shop.field.get_by_label("Card number")).to_have_value("3782 822463 10005")
    expect(shop.field.get_by_label("Expiration date")).to_have_value("04 / 34")
    expect(shop.field.get_by_label("Security code")).to_have_value("1234")
    expect(shop.field.get_by_text("American Express")).to_be_visible()


def test_slips_are_explained_at_the_field_and_to_the_page_and_no_call_is_made(shop: Shop) -> None:
    intent = shop.setup()
    shop.open({"clientSecret": intent.client_secret})
    shop.fill("424242424242")

    for label, text, code, said in (
        ("Card number", "4242424242424241", "incomplete_number", "Your card number is incomplete."),
        ("Card number", "4242424242424242", "invalid_number", "Your card number is invalid."),
        ("Expiration date", "1220", "", ""),
        ("Expiration date", "1234", "invalid_expiry_year_past", "Your card’s expiration year is in the past."),
        ("Security code", "12", "", ""),
        ("Security code", "123", "incomplete_cvc", "Your card’s security code is incomplete."),
        ("Postal code", "", "", ""),
        ("Postal code", "BS1", "incomplete_zip", "Your postal code is incomplete."),
    ):
        if code:
            assert shop.confirm_setup() == {"error": {"type": "validation_error", "code": code, "message": said}}
            expect(shop.field.get_by_role("alert").filter(has_text=said)).to_be_visible()
        shop.field.get_by_label(label).fill(text)

    assert f"/v1/setup_intents/{intent.id}/confirm" not in [call["path"] for call in shop.server.world.log.dump()]


def test_a_declined_card_comes_back_with_its_reason_and_another_can_be_tried(shop: Shop, watch: Watch) -> None:
    watch.expect("402: POST .*/confirm")
    shop.open({"clientSecret": shop.setup().client_secret})
    shop.fill("4000000000000002")

    error = shop.confirm_setup()["error"]

    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["setup_intent"]["status"] == "requires_payment_method"
    shop.field.get_by_label("Card number").fill("4242 4242 4242 4242")
    assert shop.confirm_setup()["setupIntent"]["status"] == "succeeded"


def test_the_bank_asks_over_the_page_and_the_card_is_saved_once_it_is_content(shop: Shop) -> None:
    shop.open({"clientSecret": shop.setup().client_secret})
    shop.fill("4000002500003155")
    shop.begin("confirmSetup", redirect="if_required")

    shop.bank.get_by_role("button", name="Complete authentication").click()

    assert shop.answer()["setupIntent"]["status"] == "succeeded"
    expect(shop.page.get_by_role("dialog")).to_have_count(0)


def test_failing_at_the_bank_is_an_error_with_the_intent_waiting_for_another_card(shop: Shop) -> None:
    shop.open({"clientSecret": shop.setup().client_secret})
    shop.fill("4000002500003155")
    shop.begin("confirmSetup", redirect="if_required")
    expect(shop.bank.get_by_role("heading")).to_have_text("Confirm it’s you")
    assert violations(shop.frame("/3ds/")) == []

    shop.bank.get_by_role("button", name="Fail authentication").click()

    error = shop.answer()["error"]
    assert error["code"] == "setup_intent_authentication_failure"
    assert error["setup_intent"]["status"] == "requires_payment_method"


def test_with_redirect_always_the_customer_lands_on_the_return_url(shop: Shop) -> None:
    intent = shop.setup()
    shop.open({"clientSecret": intent.client_secret})
    shop.fill("4242424242424242")
    shop.begin("confirmSetup", confirmParams={"return_url": f"{shop.url}back?attempt=7"})

    shop.page.wait_for_url("**/back?**")

    query = shop.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    expected = {"setup_intent": intent.id, "setup_intent_client_secret": intent.client_secret}
    assert query == {"attempt": "7", "redirect_status": "succeeded", **expected}


def test_a_bank_that_takes_the_whole_page_brings_the_customer_back(shop: Shop) -> None:
    intent = shop.setup()
    shop.open({"clientSecret": intent.client_secret})
    shop.fill("4000000000003063")
    shop.begin("confirmSetup", redirect="if_required", confirmParams={"return_url": f"{shop.url}back"})

    shop.page.get_by_role("button", name="Fail authentication").click()

    shop.page.wait_for_url("**/back?**")
    assert shop.page.evaluate("new URLSearchParams(location.search).get('redirect_status')") == "failed"
    assert shop.client.v1.setup_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_deferred_field_is_submitted_before_the_intent_is_made(shop: Shop) -> None:
    shop.open({"mode": "setup", "currency": "gbp"})
    shop.fill("5555555555554444")
    secret = shop.setup().client_secret

    too_early = shop.confirm_setup(clientSecret=secret)["thrown"]
    submitted = shop.page.evaluate("elements.submit()")
    answer = shop.confirm_setup(clientSecret=secret)

    assert too_early.startswith("IntegrationError: elements.submit() must be called")
    assert submitted == {"selectedPaymentMethod": "card"}
    assert answer["setupIntent"]["status"] == "succeeded"


def test_a_payment_that_waits_for_the_bank_is_carried_on_in_the_page(shop: Shop) -> None:
    card = shop.client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": shop.customer})
    intent = shop.client.v1.payment_intents.create(
        {
            "amount": 1200,
            "currency": "gbp",
            "customer": shop.customer,
            "payment_method": card.id,
            "payment_method_types": ["card"],
            "confirm": True,
        }
    )
    assert intent.status == "requires_action"
    shop.open({"mode": "setup", "currency": "gbp"})
    shop.begin("handleNextAction", clientSecret=intent.client_secret)
    expect(shop.bank.get_by_text("£12.00")).to_be_visible()

    shop.bank.get_by_role("button", name="Complete authentication").click()

    assert shop.answer()["paymentIntent"]["status"] == "succeeded"
    shop.begin("handleNextAction", clientSecret=intent.client_secret)
    assert "not in the requires_action state" in shop.answer()["thrown"]


def test_a_payment_is_confirmed_with_the_card_in_the_field(shop: Shop) -> None:
    intent = shop.client.v1.payment_intents.create({"amount": 900, "currency": "eur"})
    shop.open({"clientSecret": intent.client_secret})
    shop.fill("4242424242424242")

    shop.begin("confirmPayment", redirect="if_required")

    assert shop.answer()["paymentIntent"]["status"] == "succeeded"


def test_a_client_secret_that_fits_nothing_is_a_load_error(shop: Shop, watch: Watch) -> None:
    watch.expect("400: GET .*/v1/setup_intents/")
    shop.open({"clientSecret": "seti_1Unknown_secret_nothing"})

    event = shop.page.evaluate("window.loadError")

    assert event["error"]["type"] == "invalid_request_error"
    assert shop.events("ready") == []


def test_the_field_takes_the_pages_look_and_follows_when_it_changes(shop: Shop) -> None:
    light = {"theme": "stripe", "variables": {"colorPrimary": "rgb(1, 2, 3)"}}
    shop.open({"mode": "setup", "currency": "gbp", "appearance": light})
    number = shop.field.get_by_label("Card number")
    number.click()
    expect(number).to_have_css("border-color", "rgb(1, 2, 3)")
    # that a page begins with a heading is for the page around to see to
    found = [line for line in violations(shop.frame("/elements/payment")) if "page-has-heading-one" not in line]
    assert found == []

    shop.page.evaluate("elements.update({ appearance: { theme: 'night' } })")

    expect(number).to_have_css("border-color", "rgb(133, 217, 150)")
    expect(number).to_have_css("color", "rgb(255, 255, 255)")


def test_the_field_talks_to_the_page_that_opened_it_only(shop: Shop, local_page: Page) -> None:
    """A page that frames the field while naming another page as its parent hears and learns nothing."""
    local_page.evaluate(
        """([url]) => new Promise((loaded) => {
          const frame = document.createElement("iframe");
          frame.onload = () => {
            frame.contentWindow.postMessage({ type: "start", detail: {} }, "*");
            setTimeout(loaded, 300);
          };
          frame.src = url;
          document.body.append(frame);
        })""",
        [f"{shop.server.url}/elements/payment?parent=http://127.0.0.1:9"],
    )

    assert local_page.evaluate("window.heard") == []
    expect(local_page.frame_locator("iframe").locator("form")).to_be_hidden()


def test_the_page_believes_the_frame_only(shop: Shop) -> None:
    shop.open({"mode": "setup", "currency": "gbp"})
    expect(shop.field.get_by_label("Card number")).to_be_visible()
    shop.page.evaluate("postMessage({ type: 'ready', detail: {} }, '*')")
    shop.fill("4242424242424242")

    assert len(shop.events("ready")) == 1
