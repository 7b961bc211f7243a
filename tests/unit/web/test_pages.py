"""Every state an account can be in, as the page shows it: right words, right buttons, sound HTML."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib import wiring
from chalicelib.access.sessions import Visit
from chalicelib.billing import view
from chalicelib.billing.account import Account
from chalicelib.billing.facts import Discount, Home, Item, Price, SubscriptionFacts
from chalicelib.settings.merchant import Company, Settings
from chalicelib.web import cards, items, page
from chalicelib.web.results import Message
from tests.builders import DAY, MONTH, NOW, a_bill, a_card, a_customer, a_subscription
from tests.functional import page_rules
from tests.functional.document import Document, Element

SETTINGS = Settings(Company("Northlight Studio", "help@northlight.example"), "http://127.0.0.1:8000", locale="en-GB")
VISIT = Visit("ada@example.com", ("cus_ada",), "session", "token")
UNPAID = a_bill("in_due", status="open", amount_paid=0, amount_remaining=4900, attempts=1, payments=())


class Parts(wiring.Portal):
    """A portal whose merchant is Northlight Studio, and nothing else."""

    kept = SETTINGS

    def settings(self) -> Settings:
        """The merchant of these tests."""
        return self.kept


@pytest.fixture(autouse=True)
def parts() -> Iterator[Parts]:
    """The pages' portal, put back afterwards."""
    before, mine = wiring.portal(), Parts()
    wiring.use(mine)
    yield mine
    wiring.use(before)


def the_account(*homes: Home) -> Account:
    """What these homes look like to their owner."""
    return view.account(VISIT.mailbox, homes, NOW, SETTINGS)


def a_home(*subscriptions: SubscriptionFacts, **changes: object) -> Home:
    """Ada's home with one good card."""
    base = Home("cus_ada", a_customer(), subscriptions, cards=(a_card(),))
    return replace(base, **changes)


def home_page(*homes: Home) -> Element:
    """The home page, which must be sound."""
    return sound(page.render("home.html", visit=VISIT, account=the_account(*homes)).body)


def item_page(home: Home, message: Message | None = None, item: str = "sub_studio") -> Element:
    """The page of one item, which must be sound."""
    found = the_account(home).item(item)
    assert found is not None
    values = {
        "payments": (),
        "may": items.rights(found),
        "message": message,
        "attempt": "attempt-attempt-1",
        "more": False,
    }
    return sound(page.render("item.html", visit=VISIT, item=found, **values).body)


def card_page(home: Home) -> Element:
    """The list of saved cards, which must be sound."""
    return sound(cards.card_list(VISIT, the_account(home), "sub_studio").body)


def sound(html: str) -> Element:
    """The page as a tree, free of the faults no page may have."""
    document = Document(html)
    wrong = page_rules.faults(document, dict.fromkeys(page_rules.SECURITY_HEADERS, ""), SETTINGS.public_url, True)
    assert [each for each in wrong if not each.startswith("header ")] == []
    return document.root


def presses(root: Element) -> list[str]:
    """The words on all buttons and links that look like one."""
    return [each.text for each in root.all("a", "button") if "btn" in each["class"].split()]


def headings(root: Element) -> list[str]:
    """All headings in reading order."""
    return [each.text for each in root.all("h1", "h2", "h3")]


def a_plan(**changes: object) -> SubscriptionFacts:
    """A plan of six instalments."""
    return a_subscription(mark="plan", instalments=6, cancel_at=NOW + 95 * DAY, **changes)


def test_a_failed_payment_comes_first_with_amount_reason_and_one_main_button() -> None:
    second = a_subscription("sub_two", status="past_due", started=NOW - 5 * DAY)
    bills = (UNPAID, replace(UNPAID, id="in_two", subscription="sub_two"))
    root = home_page(a_home(a_subscription(status="past_due"), second, bills=bills))
    assert headings(root)[1] == "$49.00 for Studio Membership didn’t go through"
    assert "The last payment didn’t go through." in root.text
    assert [each.text for each in root.all("a") if "primary" in each["class"]] == ["Fix it now: Studio Membership"]
    assert len([press for press in presses(root) if press.startswith("Fix it now")]) == 2


def test_the_next_retry_is_named() -> None:
    bill = replace(UNPAID, auto_advance=True, next_attempt=NOW + 3 * DAY)
    root = home_page(a_home(a_subscription(status="past_due"), bills=(bill,)))
    assert "We try again on" in root.text


def test_a_row_names_price_status_next_payment_and_card() -> None:
    text = home_page(a_home(a_subscription())).text
    for words in ("Studio Membership", "$49.00 every month", "Active", "Next payment $49.00 on", "Visa •••• 4242"):
        assert words in text


def test_several_customers_of_one_mailbox_are_labelled_groups() -> None:
    other = a_customer("cus_ltd", name="Lovelace Ltd", created=NOW - 10 * DAY)
    second = Home("cus_ltd", other, (a_subscription("sub_ltd", customer="cus_ltd"),))
    root = home_page(a_home(a_subscription()), second)
    assert [each.text for each in root.all("h2")] == ["Lovelace Ltd", "Ada Lovelace"]
    assert [each.text for each in root.all("h3")] == ["Subscriptions", "Subscriptions"]


def test_one_customer_needs_no_label() -> None:
    assert headings(home_page(a_home(a_subscription()))) == ["Hello, Ada Lovelace", "Subscriptions"]


@pytest.mark.parametrize("homes", [(), (a_home(),)], ids=["unknown", "bought nothing"])
def test_an_empty_account_says_under_which_address_and_what_to_do(homes: tuple[Home, ...]) -> None:
    root = home_page(*homes)
    assert "ada@example.com" in root.text
    assert presses(root) == ["Try another address", "Write to us"]


def test_a_plan_shows_what_is_paid_and_left_and_cannot_be_canceled() -> None:
    bills = tuple(a_bill(f"in_{n}", reason="subscription_cycle", created=NOW - (10 + 30 * n) * DAY) for n in range(3))
    home = a_home(a_plan(), bills=bills)
    assert "3 of 6 payments made · $147.00 left" in home_page(home).text
    root = item_page(home)
    assert "Cancel" not in " ".join(presses(root))
    assert "payment plan" in root.text
    assert [each["href"] for each in root.all("a") if each.text == "help@northlight.example"]
    table = next(each for each in root.all("tbody"))
    assert [row.all("td")[2].text.split()[0] for row in table.all("tr")] == ["Paid"] * 3 + ["Next", "Later", "Later"]


def test_a_plan_of_unknown_length_is_shown_without_a_sum_it_could_not_keep() -> None:
    home = a_home(a_subscription(mark="plan"), bills=(a_bill(reason="subscription_create"),))
    assert "1 payment made" in home_page(home).text
    assert "Left" not in item_page(home).text


def test_a_running_subscription_can_be_canceled_and_its_card_changed() -> None:
    root = item_page(a_home(a_subscription()))
    links = {each.text: each["href"] for each in root.all("a")}
    assert links["Cancel subscription"] == "/items/sub_studio/cancel"
    assert any(href == "/items/sub_studio/card" for href in links.values())


def test_without_self_cancelling_there_is_no_button_but_a_way_to_ask(parts: Parts) -> None:
    parts.kept = replace(SETTINGS, self_cancel=False)
    root = item_page(a_home(a_subscription()))
    assert "Cancel subscription" not in presses(root)
    assert "can’t be canceled here" in root.text


def test_a_cancellation_made_here_can_be_taken_back() -> None:
    facts = a_subscription(cancel_at_period_end=True, portal_cancel="attempt-attempt-1")
    root = item_page(a_home(facts))
    assert presses(root) == ["Keep my subscription"]
    assert "Yours until" in root.text


def test_a_cancellation_made_elsewhere_says_whom_to_ask() -> None:
    root = item_page(a_home(a_subscription(cancel_at_period_end=True)))
    assert presses(root) == []
    assert "wasn’t made here" in root.text


def test_a_fixed_term_goes_on_until_its_end_and_can_still_be_canceled() -> None:
    root = item_page(a_home(a_subscription(cancel_at=NOW + 200 * DAY)))
    assert "Payments go on until then" in root.text
    assert "Cancel subscription" in presses(root)


def test_what_ends_by_itself_and_cannot_be_canceled_before_says_whom_to_write_to(parts: Parts) -> None:
    parts.kept = replace(SETTINGS, self_cancel=False)
    root = item_page(a_home(a_subscription(cancel_at=NOW + 200 * DAY)))
    assert "To cancel it before, please write to help@northlight.example" in root.text
    assert "Cancel subscription" not in root.text


def test_a_trial_names_its_end_and_the_first_payment() -> None:
    root = item_page(a_home(a_subscription(status="trialing", trial_end=NOW + 20 * DAY)))
    assert "Free trial until" in root.text
    assert "First payment $49.00 on" in root.text


def test_something_that_ended_offers_nothing_to_do() -> None:
    root = item_page(a_home(a_subscription(status="canceled", ended_at=NOW - DAY)))
    assert presses(root) == []
    assert "Ended" in root.text


def test_while_the_result_is_unknown_nothing_is_offered_to_pay_with() -> None:
    waiting = Message("warn", "Still being confirmed", "Nothing will be done twice.", waiting=True)
    root = item_page(a_home(a_subscription(status="past_due"), bills=(UNPAID,)), waiting)
    assert "Still being confirmed" in headings(root)
    assert not [press for press in presses(root) if press.startswith(("Pay", "Use"))]


def test_a_failed_try_is_told_once_beside_the_ways_out() -> None:
    failed = Message("bad", "Card changed, but $49.00 wasn’t paid", "The card has expired.")
    root = item_page(a_home(a_subscription(status="past_due"), bills=(UNPAID,)), failed)
    assert headings(root)[1] == failed.title
    assert "is still unpaid" not in root.text
    assert presses(root)[:2] == ["Use another card", "Pay $49.00 now"]


def test_an_invoice_is_paid_by_its_link_and_not_by_a_card() -> None:
    bill = replace(UNPAID, collection_method="send_invoice", hosted_url="https://invoice.example/i/1")
    root = item_page(a_home(a_subscription(status="past_due", collection_method="send_invoice"), bills=(bill,)))
    assert [each["href"] for each in root.all("a") if each.text == "Pay $49.00 now"] == ["https://invoice.example/i/1"]
    assert "Change" not in root.text


def test_all_lines_with_quantity_and_price_are_listed() -> None:
    price = Price("price_1", "Print credits", "jpy", 1200, "month")
    metered = Price("price_2", "Extra prints", "jpy", None, "month", metered=True)
    lines = (Item("si_1", price, 3, NOW - DAY, NOW + MONTH), Item("si_2", metered, None, NOW - DAY, NOW + MONTH))
    root = item_page(a_home(a_subscription(items=lines, currency="jpy")))
    assert [[cell.text for cell in row.all("td")] for row in root.all("tbody")[0].all("tr")] == [
        ["Print credits", "3", "¥1,200 each"],
        ["Extra prints", "–", "Depends on use"],
    ]


def test_a_discount_is_named_with_its_size_once() -> None:
    offers = (Discount("Early bird", 10.0, ends=NOW + MONTH), Discount("25% off", 25.0))
    text = item_page(a_home(a_subscription(discounts=offers))).text
    assert "Early bird · 10% off, until" in text
    assert text.count("25%") == 1


def test_only_cards_that_work_can_be_chosen_and_the_one_in_use_is_marked() -> None:
    old = a_card("pm_old", exp_month=1, exp_year=2020, last4="0341")
    root = card_page(a_home(a_subscription(), cards=(a_card(), old)))
    radios = {each["value"]: each for each in root.all("input") if each["type"] == "radio"}
    assert "checked" in radios["pm_visa"]
    assert "disabled" in radios["pm_old"]
    assert "In use" in root.text
    assert "Expired 01/2020" in root.text


def test_the_button_names_the_sum_that_will_be_charged() -> None:
    root = card_page(a_home(a_subscription(status="past_due"), bills=(UNPAID,)))
    assert presses(root) == ["Use this card and pay $49.00", "Add a new card"]


def test_the_button_names_no_sum_when_nothing_is_charged_now(parts: Parts) -> None:
    parts.kept = replace(SETTINGS, charge_overdue_on_card_change=False)
    root = card_page(a_home(a_subscription(status="past_due"), bills=(UNPAID,)))
    assert presses(root) == ["Use this card", "Add a new card"]


def test_a_bank_debit_is_called_a_payment_method() -> None:
    debit = a_card("pm_debit", kind="sepa_debit", brand="", last4="3000", exp_month=0, exp_year=0)
    root = card_page(a_home(a_subscription(default_card="pm_debit"), cards=(debit, a_card())))
    assert headings(root)[0] == "Change the payment method for Studio Membership"
    assert presses(root)[0] == "Use this payment method"


def test_names_are_never_markup() -> None:
    evil = "<script>alert(1)</script>"
    price = Price("price_1", evil, "usd", 4900, "month")
    facts = a_subscription(items=(Item("si_1", price, 1, NOW - DAY, NOW + MONTH),))
    home = a_home(facts, customer=a_customer(name=evil))
    assert evil in home_page(home).text
    assert evil in item_page(home).text


def test_the_first_page_with_its_style_is_small() -> None:
    many = [a_subscription(f"sub_{n}") for n in range(20)]
    body = page.render("home.html", visit=VISIT, account=the_account(a_home(*many))).body
    assert len(body.encode()) < 40_000
