"""Making a Chek user, inviting one to direct pay, making a card: no money moves, and nothing may be made twice.

Chek has no idempotency key for these either, but what they make can be seen: a user by its e-mail, an invitation and
the cards in the user's own document. So each is looked for before it is made, and again when an answer was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.money_call import Finding, MoneyCall, Outcome
from domain.onboarding import CREATE_CARD, CREATE_USER, INVITE
from rails.base import Answer, Operation
from rails.chek.answer import document_of, not_done
from rails.chek.client import ChekClient
from rails.chek.documents import ACTIVE, identifier
from rails.chek.operations import Wire

OPERATIONS: Mapping[str, Operation] = {name: Operation(name, "query") for name in (CREATE_USER, INVITE, CREATE_CARD)}

INVITED = frozenset({ACTIVE, "Invited", "Pending"})
"""Direct-pay statuses after which no second invitation is sent. A closed account (`Inactive`) is invited anew."""
USABLE_CARDS = frozenset({ACTIVE, "Pending"})
"""Card statuses beside which no second card is made."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the wanted thing is there: Chek's ids. A person is asked where there are several that it might be."""

    ids: tuple[str, ...]

    def as_evidence(self) -> dict[str, Any]:
        """As operators see it."""
        return {"found": list(self.ids)}


def wire(call: MoneyCall) -> Wire:
    """The POST of one operation."""
    request = call.request
    if call.operation == CREATE_USER:
        return Wire("users/", dict(request))
    if call.operation == INVITE:
        return Wire("directpay_accounts/invite/", {"user_id": int(request["user"])})
    body = {"program_id": int(request["program"]), "funding_method": "wallet_balance", "amount": 0}
    return Wire(f"users/{request['user']}/create_card/", body)


async def there(client: ChekClient, call: MoneyCall) -> Seen:
    """What is there before it is asked for. Raises EvidenceUnavailable."""
    if call.operation == CREATE_USER:
        return Seen(tuple(await client.users_of(call.request["email"])))
    user = await client.user(call.request["user"])
    if call.operation == INVITE:
        return Seen((user.id,) if user.direct_pay_status in INVITED else ())
    card = user.card
    return Seen((card.id,) if card is not None and card.status in USABLE_CARDS else ())


async def made(client: ChekClient, call: MoneyCall) -> Seen:
    """What is there since it was asked for: of cards those that were not listed before. Raises EvidenceUnavailable."""
    if call.operation != CREATE_CARD:
        return await there(client, call)
    listed = [item["before"]["cards"] for item in call.evidence if "cards" in item.get("before", ())]
    before = listed[-1] if listed else []
    user = await client.user(call.request["user"])
    return Seen(tuple(card.id for card in user.cards if card.id not in before))


def already(seen: Seen) -> Outcome | None:
    """The outcome when nothing needs to be made, or None when it does."""
    if len(seen.ids) > 1:
        return Outcome(
            "refused",
            "several_users",
            "Chek has several users of this e-mail: register the right one's wallet.",
            must_act="operator",
            evidence=seen.as_evidence(),
        )
    if seen.ids:
        return Outcome(
            "applied", "already_there", "It was there already.", seen.ids[0], evidence={"chek_id": seen.ids[0]}
        )
    return None


def conclude(first: Seen, second: Seen) -> Finding:
    """What two readings apart in time prove, after the last moment at which Chek may still be working on it."""
    evidence = {"readings": [first.as_evidence(), second.as_evidence()]}
    if not first.ids and not second.ids:
        absent = Outcome("refused", "not_made", "It was not made.", evidence=evidence)
        return Finding("refused", absent, evidence)
    if len(second.ids) == 1:
        return Finding("applied", Outcome("applied", "found", "It was found.", second.ids[0], evidence=evidence))
    return Finding("cannot_tell", evidence=evidence)


def classify(call: MoneyCall, answer: Answer, refusal_statuses: frozenset[int]) -> Outcome:
    """The outcome of a POST. `unknown` for all that is not on a list, not well-formed, or about something else."""
    document = document_of(answer)
    if answer.status in (200, 201):
        made = _made(call, document)
        if made is None:
            return Outcome("unknown", "other_reference", "Chek's answer is about something else.", response=answer.body)
        return Outcome("applied", "done", "Chek did it.", made, evidence={"chek_id": made}, response=answer.body)
    return not_done(answer, document, refusal_statuses)


def _made(call: MoneyCall, document: Any) -> str | None:
    """Chek's id of what was made, where the answer is about what was asked for."""
    if call.operation == INVITE:
        # a bare string: it names nobody, so the user's own document is the better witness of anything else
        return str(call.request["user"]) if isinstance(document, str) else None
    if not isinstance(document, dict):
        return None
    if call.operation == CREATE_USER:
        email = document.get("email")
        same = isinstance(email, str) and email.casefold() == call.request["email"].casefold()
        return identifier(document.get("id")) if same else None
    user, card = document.get("user"), document.get("card")
    if not isinstance(user, dict) or not isinstance(card, dict) or identifier(user.get("id")) != call.request["user"]:
        return None
    return identifier(card.get("id"))
