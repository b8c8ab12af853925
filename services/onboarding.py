"""Making families and providers known at Chek (reference, sections 1, 7 and 8): once each, whoever asks how often."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows.base import FlowSteps
from db.flows.onboarding import person_context
from db.queries import contact, family, program, provider
from db.queries import onboarding as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_name import cut_name
from domain.childcare_party import Party
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.provider_payment import Method


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as Chek wants to know it. Never printed."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    phone: str = field(repr=False)
    address: Mapping[str, str] = field(repr=False)
    email: str | None = field(default=None, repr=False)


async def onboard(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    whom: Party,
    person: Person | None,
    method: Method | None,
    program_id: UUID | None,
) -> tuple[RowMapping, bool]:
    """Begin, or the onboarding of this person that is open already: (row, False).

    The e-mail is the one that is registered unless another is given, and is registered where none is. Whoever has a
    wallet needs no person's details: only a method is set up.
    """
    await _lock(uow, whom)
    standing = await queries.open_of(uow, whom.kind, whom.id)
    if standing is not None:
        return standing, False
    has_wallet = await _has_wallet(uow, whom)
    if has_wallet and method is None:
        raise StateConflict("already_onboarded", "The person has a wallet at Chek already.")
    onboarding_id = new_id()
    details: dict[str, Any] = {"state": "known"}
    if not has_wallet:
        details = await _sealed(uow, whom, person, onboarding_id)
    if program_id is not None:
        await program.get(uow, program_id)
    try:
        async with uow.savepoint():
            row = await queries.add(
                uow,
                id=onboarding_id,
                family_id=whom.id if whom.kind == "family" else None,
                provider_id=whom.id if whom.kind == "provider" else None,
                program_id=program_id,
                method=method,
                **details,
            )
    except IntegrityError:
        raise StateConflict("onboarding_exists", "The person is being onboarded already.", retry="later") from None
    told = {"kind": whom.kind, "method": method}
    await uow.audit("onboarding.submitted", queries.FLOW, onboarding_id, told)
    await uow.tell("onboarding.submitted", queries.FLOW, onboarding_id, told)
    await uow.start_workflow(flows[queries.FLOW].run(row))
    return row, True


async def _lock(uow: UnitOfWork, whom: Party) -> None:
    if whom.kind == "family":
        await family.get_family(uow, whom.id, lock=True)
    else:
        await provider.get(uow, whom.id, lock=True)


async def _has_wallet(uow: UnitOfWork, whom: Party) -> bool:
    if whom.kind == "family":
        return await family.chek_user_of(uow, whom.id) is not None
    return await provider.payment_settings(uow, whom.id) is not None


async def _sealed(uow: UnitOfWork, whom: Party, person: Person | None, onboarding_id: UUID) -> dict[str, Any]:
    """Columns of the person as Chek is told it; the name is cut to Chek's limit."""
    if person is None:
        raise InvalidInput("person", "Chek wants to know who it is.")
    known = await contact.of(uow, whom.kind, whom.id)
    email = person.email or (None if known is None else known.email)
    if email is None:
        raise InvalidInput("email", "No address is known to write to: Chek finds people by theirs.")
    if known is None:
        await contact.change(uow, whom.kind, whom.id, email=email, language=None)
    first, last = cut_name(person.first_name, person.last_name)
    told = asdict(person) | {"email": email, "first_name": first, "last_name": last}
    return {
        "person": uow.envelope.seal(json.dumps(told).encode(), person_context(onboarding_id)),
        "fingerprint": uow.fingerprint.of("chek_user", email.casefold()),
    }
