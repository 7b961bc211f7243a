"""All saved cards and other payment methods: what each is used for, and removing one."""

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import wallet
from chalicelib.web import acting, asked, guard, page, results
from chalicelib.wiring import portal


@guard.customer
def show(visit: Visit) -> Response:
    """Every saved payment method, grouped by customer, with the result of one just removed."""
    attempt = asked.attempt_in_query()
    account = portal().account(visit, fresh=bool(attempt))
    done = wallet.made_before(portal().desk, account, attempt) if attempt else None
    groups = [(holder, wallet.kept(holder)) for holder in account.holders if holder.cards]
    return page.render(
        "wallet.html", visit=visit, account=account, groups=groups, message=results.removed(done) if done else None
    )


@guard.customer
def ask(visit: Visit, card: str) -> Response:
    """What removing it means, and what is charged instead."""
    holder, one = wallet.owned_card(portal().account(visit), asked.object_id(card))
    return page.render(
        "card_remove.html", visit=visit, holder=holder, kept=one, card=one.card, attempt=asked.new_attempt()
    )


@guard.customer_post
def remove(visit: Visit, form: dict[str, str], card: str) -> Response:
    """Remove it, once per attempt."""
    account, attempt = portal().account(visit, fresh=True), asked.attempt(form)
    instead = asked.object_id(form["instead"]) if form.get("instead") else ""
    with acting.unless_unknown(attempt):
        wallet.remove(portal().desk, account, asked.object_id(card), attempt, instead)
    return page.redirect("wallet", {"attempt": attempt})
