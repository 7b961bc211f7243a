"""Each demo person shows what the start-up message says of them."""

import pytest

from local.demo.people import PEOPLE
from local.demo.seed import seed
from tests.functional.visitor import Visitor
from tests.stack import TestStack

SHOWN = {
    "ada@mail.example": ["Studio Membership", "£49.00", "Active", "Travel Preset Pack"],
    "ben@mail.example": ["Past due", "£49.00"],
    "clara@mail.example": ["Studio Membership", "Print Archive", "Portrait Masterclass", "3 of 6"],
    "dan@mail.example": ["Trialing", "Studio Membership"],
    "eve@mail.example": ["Canceling", "Studio Membership"],
    "fiona.walsh@mail.example": ["Studio Membership", "Lightroom Presets Club", "Fine Art Print"],
    "george@mail.example": ["Mentoring Season", "£85.00"],
    "hanako@mail.example": ["¥7,400"],
    "ines@mail.example": ["Fine Art Print", "£240.00", "Partly refunded", "Harbour Light, the photo book", "Inês"],
    "konstantina@mail.example": ["€55.00", "Studio Membership"],
    "nobody@mail.example": ["nothing here yet"],
}


@pytest.mark.root_only
def test_every_demo_person_shows_what_is_said_of_them(stack: TestStack) -> None:
    seed(stack.stripe)
    stack.clock.follow()
    stack.provision()

    assert [person.mailbox for person in PEOPLE] == list(SHOWN)
    for mailbox, words in SHOWN.items():
        page = Visitor(stack).sign_in(mailbox)
        assert [word for word in words if word not in page.text] == [], f"{mailbox} sees: {page.text}"
