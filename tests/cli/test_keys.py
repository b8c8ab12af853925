"""`bursar operators` and `bursar keys`: from nothing to a key that works, and back."""

import pytest
from typer.testing import CliRunner, Result

from cli import keys, operators
from db.crypto.keyring import Keyring
from domain.errors import InvalidInput, NotFound, StateConflict

ADA = ["--organization", "Ada's", "--name", "Ada", "--email", "ada@example.test"]
HERS = ["--organization", "Ada's"]


@pytest.fixture(autouse=True)
def _given_database(migrated, database_name, monkeypatch):
    monkeypatch.setenv("BURSAR_DATABASE__URL", migrated.app_url(database_name))
    monkeypatch.setenv("BURSAR_KEYRING__KEYS", Keyring.generate().to_json())
    monkeypatch.setenv("COLUMNS", "300")


def say(app, *arguments: str) -> Result:
    told = CliRunner().invoke(app, arguments)
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told


def test_the_first_operator_makes_the_organization_and_the_second_joins_it():
    first = say(operators.app, "add", *ADA)
    assert "organization org_" in first.output
    second = say(operators.app, "add", *HERS, "--name", "Grace", "--email", "grace@example.test")
    assert "organization" not in second.output
    listed = say(operators.app, "list", *HERS).output
    assert "ada@example.test" in listed
    assert "Grace" in listed


def test_an_address_is_there_once_whatever_its_case():
    say(operators.app, "add", *ADA)
    with pytest.raises(StateConflict, match="there already"):
        say(operators.app, "add", *HERS, "--name", "Other", "--email", "ADA@example.test")


def test_what_is_no_address_is_refused(subtests):
    for email in ("ada", "@x", "a@", "a b@example.test", "a@example.test\n.x", "a@" + "b" * 254):
        with subtests.test(email), pytest.raises(InvalidInput):
            say(operators.app, "add", *HERS, "--name", "Ada", "--email", email)


def test_standard_output_holds_the_key_alone_and_the_list_never_holds_it():
    say(operators.app, "add", *ADA)
    made = say(keys.app, "create", *HERS, "--operator", "Ada@example.test", "--scope", "*:read", "--expires-days", "9")
    secret = made.stdout.strip()
    assert secret.startswith("sk_test_")
    assert len(secret) == len("sk_test_") + 43
    listed = say(keys.app, "list", *HERS).output
    assert secret[:12] in listed
    assert secret[12:] not in listed
    assert "*:read" in listed
    assert "never" in listed


def test_a_key_is_revoked_once():
    say(operators.app, "add", *ADA)
    key_id = say(keys.app, "create", *HERS, "--operator", "ada@example.test").stderr.split()[1]
    assert say(keys.app, "revoke", *HERS, key_id).output == f"{key_id} is revoked\n"
    with pytest.raises(NotFound):
        say(keys.app, "revoke", *HERS, key_id)


def test_who_is_not_there_gets_no_key():
    with pytest.raises(NotFound, match="organization"):
        say(keys.app, "create", *HERS, "--operator", "ada@example.test")
    say(operators.app, "add", *ADA)
    with pytest.raises(NotFound, match="operator"):
        say(keys.app, "create", *HERS, "--operator", "grace@example.test")


def test_a_scope_that_means_nothing_is_refused(subtests):
    say(operators.app, "add", *ADA)
    for scope in ("", "all", "ach:", ":read", "*:write", "ach_debits:write:x", "ACH:read"):
        with subtests.test(scope), pytest.raises(InvalidInput):
            say(keys.app, "create", *HERS, "--operator", "ada@example.test", "--scope", scope)


def test_another_organization_cannot_revoke_it():
    say(operators.app, "add", *ADA)
    say(operators.app, "add", "--organization", "Grace's", "--name", "Grace", "--email", "grace@example.test")
    key_id = say(keys.app, "create", *HERS, "--operator", "ada@example.test").stderr.split()[1]
    with pytest.raises(NotFound):
        say(keys.app, "revoke", "--organization", "Grace's", key_id)
