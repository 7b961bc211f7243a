"""Customers who change at Stripe move between mailboxes."""

import pytest
from msgspec.structs import replace

from chalicelib.access import addresses
from chalicelib.access.mailboxes import FoundHolder, Mailbox
from chalicelib.access.rights import MailboxRights
from chalicelib.billing.facts import CustomerFacts
from chalicelib.errors import Busy
from tests.fakes.access import FakeClock, Memory, MemoryMailboxes, World, a_browser

ADA = CustomerFacts("cus_ada", "ada@example.com", "Ada", 0)


def holders(world: World, address: str) -> list[str]:
    mailbox = world.stores.mailboxes.open(addresses.ref(address))
    return [holder.id for holder in mailbox.holders] if mailbox else []


@pytest.fixture
def rights(world: World) -> MailboxRights:
    world.mail(a_browser())
    world.ask("grace@example.com", a_browser())
    world.work()
    return MailboxRights(world.stores.mailboxes)


def test_a_changed_address_moves_the_holder(world: World, rights: MailboxRights) -> None:
    rights.customer_changed(ADA, replace(ADA, email="Grace@example.com"))
    assert holders(world, "ada@example.com") == []
    assert holders(world, "grace@example.com") == ["cus_ada"]


def test_a_new_customer_joins_a_mailbox_that_was_unknown_a_moment_ago(world: World, rights: MailboxRights) -> None:
    rights.customer_changed(None, CustomerFacts("cus_grace", "grace@example.com", "Grace", 0))
    world.ask("grace@example.com", a_browser())
    world.clock.advance(61)
    world.stripe.holders.append(FoundHolder("cus_grace", "grace@example.com"))
    world.ask("grace@example.com", a_browser())
    world.work()
    assert world.mails("grace@example.com")
    assert "cus_grace" in world.stripe.brought


@pytest.mark.parametrize("after", [None, replace(ADA, hidden=True), replace(ADA, deleted=True), replace(ADA, email="")])
def test_a_hidden_deleted_or_addressless_customer_leaves(
    world: World, rights: MailboxRights, after: CustomerFacts | None
) -> None:
    rights.customer_changed(ADA, after)
    assert holders(world, "ada@example.com") == []


def test_another_spelling_of_the_same_address_stays_and_is_kept_as_it_is(world: World, rights: MailboxRights) -> None:
    rights.customer_changed(ADA, replace(ADA, email="ADA@example.com"))
    mailbox = world.stores.mailboxes.open(addresses.ref("ada@example.com"))
    assert mailbox
    assert [(h.id, h.address) for h in mailbox.holders] == [("cus_ada", "ADA@example.com")]


def test_mailboxes_nobody_ever_asked_for_are_not_made(world: World, rights: MailboxRights, memory: Memory) -> None:
    before = set(memory.mailboxes)
    rights.customer_changed(None, CustomerFacts("cus_new", "new@example.com", "New", 0))
    assert set(memory.mailboxes) == before


def test_nothing_is_written_when_nothing_changed(world: World, rights: MailboxRights, memory: Memory) -> None:
    memory.calls.clear()
    rights.customer_changed(ADA, ADA)
    assert memory.calls == ["mailbox read"]


def test_a_write_in_between_is_seen_and_the_change_made_on_top(time: FakeClock, memory: Memory) -> None:
    class Interrupted(MemoryMailboxes):
        """Somebody else writes between our read and our write, as often as told."""

        def __init__(self, memory: Memory, times: int) -> None:
            super().__init__(memory)
            self.left = times

        def save(self, mailbox: Mailbox) -> bool:
            if self.left:
                self.left -= 1
                stored = self.open(mailbox.ref)
                assert stored
                super().save(replace(stored, checked_at=stored.checked_at + 1))
            return super().save(mailbox)

    store = Interrupted(memory, 2)
    MemoryMailboxes(memory).save(Mailbox("ada@example.com"))
    MailboxRights(store).customer_changed(None, ADA)
    stored = store.open(addresses.ref("ada@example.com"))
    assert stored
    assert [h.id for h in stored.holders] == ["cus_ada"]
    with pytest.raises(Busy):
        MailboxRights(Interrupted(memory, 99)).customer_changed(ADA, None)
