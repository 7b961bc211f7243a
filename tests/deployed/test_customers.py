"""A customer's way through the deployed portal: every request through API Gateway, every mail through the queue."""

import io
import re
from collections.abc import Callable

import requests
from pypdf import PdfReader

from tests.deployed.merchant import LOGO
from tests.deployed.people import ADA, EVE, KIM, LEO, PIA, Cast
from tests.deployed.tenant import Tenant, until
from tests.functional.signing_in import OVER, asked, mailed, pressed
from tests.functional.visitor import Page, Visitor
from tests.shop import Shop


def test_a_code_from_the_mail_signs_in_and_the_home_page_shows_what_they_have(ada: Visitor) -> None:
    home = ada.open("/")
    assert home.status == 200
    assert "Studio Membership" in home.text
    assert "North Studio" in home.text


def test_the_link_in_the_mail_leads_to_this_portal_signs_in_once_and_never_again(
    north: Tenant, visitor: Visitor, visitor_of: Callable[[Tenant], Visitor]
) -> None:
    asked(visitor, LEO)
    token, _ = mailed(north, LEO)  # type: ignore[arg-type]
    assert f"{north.portal_url}/sign-in/link#{token}" in north.mails(LEO)[0].text
    assert "Leo’s Portrait Hour" in pressed(visitor, token).text
    another = visitor_of(north)
    another.cookies = {name: value for name, value in visitor.cookies.items() if name.endswith("browser")}
    assert OVER in pressed(another, token).text
    assert not another.signed_in


def test_an_address_nobody_knows_gets_the_same_page_and_no_mail(north: Tenant, visitor: Visitor) -> None:
    page = asked(visitor, "nobody@mail.example")
    assert "Check your mail" in page.text
    north.settle()
    assert not north.mails("nobody@mail.example")


def test_who_opens_an_item_first_signs_in_and_is_led_to_it(visitor: Visitor, north: Tenant, cast: Cast) -> None:
    assert "/sign-in" in visitor.open(f"/items/{cast.portrait}").path
    visitor.fill_only_field(KIM)
    _, code = mailed(north, KIM)  # type: ignore[arg-type]
    page = visitor.fill_only_field(code)
    assert page.path == f"/api/items/{cast.portrait}"
    assert "Kim’s Portrait Hour" in page.heading


def test_what_is_overdue_is_paid_by_changing_to_a_saved_card(
    visitor: Visitor, north: Tenant, shop: Shop, cast: Cast
) -> None:
    assert "Past due" in visitor.sign_in(PIA).text
    page = visitor.open(f"/items/{cast.overdue}/card")
    use = next(button for button in page.buttons if button.startswith("Use this card"))
    done = visitor.press(use, {"card": cast.spare_card})
    assert done.status == 200
    assert "Past due" not in visitor.open(f"/items/{cast.overdue}").text
    assert shop.v1.subscriptions.retrieve(cast.overdue).default_payment_method == cast.spare_card
    assert not shop.v1.invoices.list({"subscription": cast.overdue, "status": "open"}).data
    mail = north.mailbox(PIA)[0]
    assert mail.subject == "New card for Darkroom Pass"
    assert "$29.00" in mail.text


def test_canceling_keeps_access_is_confirmed_by_mail_and_can_be_taken_back(
    ada: Visitor, north: Tenant, shop: Shop, cast: Cast
) -> None:
    ada.open(f"/items/{cast.membership}")
    ada.follow("Cancel")
    assert "Canceling" in ada.press("Cancel subscription").text
    assert shop.v1.subscriptions.retrieve(cast.membership).cancel_at_period_end
    assert "Canceled" in north.mailbox(ADA)[0].subject

    page = ada.open(f"/items/{cast.membership}")
    keep = next(button for button in page.buttons if "Keep" in button or "Undo" in button)
    assert "Active" in ada.press(keep).text
    assert not shop.v1.subscriptions.retrieve(cast.membership).cancel_at_period_end
    assert "staying" in north.mailbox(ADA)[0].subject


def test_a_receipt_is_fetched_byte_for_byte_by_a_link_that_ends_and_is_the_same_when_asked_for_again(
    ada: Visitor,
) -> None:
    payment = next(link["href"] for link in ada.open("/payments").links if "/receipts/" in link["href"])
    page = ada.open(payment.removeprefix("/api"))
    address = page.link("Download PDF").removeprefix("/api")
    links = [ada.raw("GET", address).headers["location"] for _ in range(2)]
    first, again = (requests.get(link, timeout=30) for link in links)
    assert first.headers["content-type"] == "application/pdf"
    assert first.content == again.content
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages)
    assert "North Studio" in words
    assert "49.00" in words
    spoilt = links[0].replace("X-Amz-Expires=", "X-Amz-Expires=9")
    assert requests.get(spoilt, timeout=30).status_code == 403


def test_a_picture_goes_through_the_gateway_byte_for_byte(ada: Visitor) -> None:
    address = next(picture["src"] for picture in ada.open("/").document.root.all("img") if "/brand/" in picture["src"])
    served = ada.raw("GET", address.removeprefix("/api"), headers={"Accept": "text/html,image/png"})
    assert served.headers["content-type"] == "image/png"
    assert served.content == LOGO


def test_style_and_script_arrive_as_they_are_whatever_is_accepted(visitor: Visitor) -> None:
    page = visitor.open("/sign-in")
    named = {element["href"] or element["src"] for element in page.document.root.all("link", "script")}
    files = {address for address in named if "/static/" in address}
    assert len(files) >= 2
    for address in files:
        served = visitor.raw("GET", address.removeprefix("/api"), headers={"Accept": "*/*"})
        assert served.status == 200, address
        assert "immutable" in served.headers["cache-control"]
        plain = visitor.raw("GET", address.removeprefix("/api"), headers={"Accept": "text/css"})
        assert served.content == plain.content


def test_a_new_subscription_is_on_the_page_as_soon_as_stripe_has_told_the_door(
    north: Tenant, ada: Visitor, shop: Shop, cast: Cast
) -> None:
    shop.subscription(cast.ada, "Print Club", 1500)
    north.settle()
    assert "Print Club" in until(lambda: found(ada.open("/"), "Print Club"), "Print Club on the home page").text


def found(page: Page, words: str) -> Page | None:
    """The page if it has the words."""
    return page if words in page.text else None


def test_errors_are_pages_of_ours_with_an_id_that_finds_the_log_line(north: Tenant, ada: Visitor) -> None:
    page = ada.open("/items/sub_of_somebody_else")
    assert page.status == 404
    request_id = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", page.text)
    assert request_id
    until(lambda: any(request_id[0] in line for line in north.log("api_handler")), "the log line")


def test_an_unknown_route_is_a_page_and_so_is_what_the_gateway_itself_refuses(visitor: Visitor) -> None:
    assert visitor.open("/no/such/page/at/all").status == 404
    refused = visitor.raw("PATCH", "/sign-in", headers={"Accept": "text/html"})
    assert refused.status == 404
    assert refused.headers["content-type"].startswith("text/html")
    assert b"<h1>" in refused.content
    assert "default-src 'none'" in refused.headers["content-security-policy"]


def test_a_form_from_another_site_is_refused(ada: Visitor) -> None:
    ada.send("/sign-out", headers={"Origin": "https://evil.example"})
    assert "Studio Membership" in ada.open("/").text


def test_nobody_who_is_not_signed_in_sees_anything(visitor: Visitor, cast: Cast) -> None:
    for path in ("/", "/payments", f"/items/{cast.membership}"):
        assert "/sign-in" in visitor.open(path).path


def test_someone_else_with_an_account_cannot_see_it_either(visitor: Visitor, cast: Cast) -> None:
    visitor.sign_in(EVE)
    assert visitor.open(f"/items/{cast.membership}").status == 404
