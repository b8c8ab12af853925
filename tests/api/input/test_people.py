"""What a file of people is held to before it is sent is what the API holds it to."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from api.schemas.family import Language, NewFamily
from api.schemas.onboarding import NewOnboarding
from api.schemas.provider import Method, NewProvider
from domain.childcare_person import KINDS, LANGUAGES, METHODS, not_taken

PERSON = {
    "external_id": "person-1",
    "first_name": "Maria",
    "last_name": "Keller",
    "email": "maria@example.test",
    "phone": "+13035550101",
    "line1": "1 Main St",
    "city": "Denver",
    "state": "CO",
    "postal_code": "80202",
}
ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country_code")


def taken_by_the_api(fields: dict[str, Any]) -> bool:
    """Whether both of its requests are well formed."""
    named = {"external_id": fields["external_id"], "name": fields.get("name", "M"), "email": fields["email"]}
    person = {name: fields[name] for name in ("first_name", "last_name", "email", "phone")}
    onboarding = {name: fields[name] for name in ("method", "program_id") if name in fields}
    address = {name: fields[name] for name in ADDRESS if name in fields}
    try:
        NewFamily(**named, **{name: fields[name] for name in ("language",) if name in fields})
        NewProvider(**named, kind=fields.get("kind", "home"))
        NewOnboarding.model_validate({"provider_id": "prov_1", "person": person | {"address": address}} | onboarding)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ("external_id", "a.b:c-1_2", "a b"),
        ("external_id", "x" * 64, "x" * 65),
        ("name", "Ünal", "x" * 201),
        ("first_name", "x" * 200, "a\x07b"),
        ("email", "a@b.cd", "a@b"),
        ("email", f"{'a' * 249}@b.cd", f"{'a' * 250}@b.cd"),
        ("phone", "+4930123456", "030123456"),
        ("state", "NY", "ny"),
        ("country_code", "US", "USA"),
        ("postal_code", "K1A 0B1", "80202_"),
        ("line2", "Flat 3", "x" * 201),
        ("city", "Köln", "x\ny"),
        ("language", "ar", "de"),
        ("kind", "center", "centre"),
        ("method", "ach", "cash"),
        ("method", "ach", "card"),
    ],
)
def test_a_file_is_held_to_what_the_api_takes(field: str, right: str, wrong: str) -> None:
    assert (not_taken(PERSON | {field: right}), taken_by_the_api(PERSON | {field: right})) == (None, True)
    assert not_taken(PERSON | {field: wrong}) is not None
    assert not taken_by_the_api(PERSON | {field: wrong})


def test_a_programme_goes_with_a_card_only() -> None:
    card = PERSON | {"method": "card", "program_id": "prog_1"}
    assert (not_taken(card), taken_by_the_api(card)) == (None, True)
    for wrong in (PERSON | {"program_id": "prog_1"}, card | {"method": "ach"}):
        assert (not_taken(wrong), taken_by_the_api(wrong)) == ("program_id", False)


def test_words_are_the_same() -> None:
    assert (get_args(Language), get_args(Method)) == (LANGUAGES, METHODS)
    assert get_args(NewProvider.model_fields["kind"].annotation) == KINDS
