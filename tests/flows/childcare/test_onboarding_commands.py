"""`bursar childcare onboard-families` and `onboard-providers` against a running system."""

from pathlib import Path
from typing import Any

from tests.flows.childcare.conftest import Bursar
from tests.flows.childcare.test_onboarding import INVITATIONS, USERS, chek_users
from tests.flows.childcare.town import Town

HEAD = "external_id,name,first_name,last_name,email,phone,line1,city,state,postal_code"


def line(number: int, last: str = "Keller") -> str:
    """One person."""
    return (
        f"person-{number},House {number},Maria,{last},maria{number}@example.test,+13035550{number:03},"
        "1 Main St,Denver,CO,80202"
    )


def write(folder: Path, *lines: str, columns: str = HEAD) -> str:
    """A file of people."""
    path = folder / "people.csv"
    path.write_text("\n".join((columns, *lines)) + "\n")
    return str(path)


async def heard(town: Town) -> int:
    """How many requests Chek was sent, questions among them."""
    listed: dict[str, Any] = (await town.system.control.get("/journal", params={"partner": "chek"})).json()
    return len(listed["data"])


async def test_families_of_a_file_are_registered_and_onboarded_once_and_a_dry_run_asks_chek_nothing(
    town: Town, bursar: Bursar, tmp_path: Path
) -> None:
    file = write(tmp_path, line(1), line(2), line(3, "Refused"))
    await town.system.control.delete("/journal")

    code, printed = await bursar("onboard-families", "--csv", file, "--dry-run")

    assert (code, printed.count("register"), "nothing was done" in printed) == (0, 3, True), printed
    assert await heard(town) == 0, "a dry run does not even ask"
    assert (await town.system.get("/v1/families"))["data"] == []

    code, printed = await bursar("onboard-families", "--csv", file)
    assert (code, "person-3: stopped chek_400" in printed) == (1, True), printed
    assert printed.count("onboarded") == 2
    assert len(await chek_users(town)) == 2
    code, printed = await bursar("onboard-families", "--csv", file, "--only", "person-1")
    assert (code, "0 asked, 0 refused" in printed) == (0, True), printed

    # without a file: who was registered and has no wallet
    await town.system.post("/v1/families", {"external_id": "person-4", "name": "House 4"})
    before = await heard(town)
    code, printed = await bursar("onboard-families", "--dry-run")
    assert (code, printed.count("retry"), printed.count("details_missing")) == (1, 1, 1), printed
    assert await heard(town) == before
    code, printed = await bursar("onboard-families")
    assert (code, "person-3: stopped" in printed, "person-4: details_missing" in printed) == (1, True, True), printed
    assert len(await chek_users(town)) == 2


async def test_providers_of_a_file_are_invited_and_a_wrong_file_is_one_line(
    town: Town, bursar: Bursar, tmp_path: Path
) -> None:
    columns = f"{HEAD},kind,method,program_id"
    lines = (f"{line(1)},center,ach,", f"{line(2)},,card,{town.program_id}", f"{line(3)},,,")
    file = write(tmp_path, *lines, columns=columns)

    code, printed = await bursar("onboard-providers", "--csv", file)

    assert (code, printed.count("onboarded")) == (0, 3), printed
    listed = (await town.system.get("/v1/providers"))["data"]
    methods = {each["external_id"]: (each["kind"], each["payment_settings"]["method"]) for each in listed}
    assert methods == {"person-1": ("center", "ach"), "person-2": ("home", "card"), "person-3": ("home", None)}
    assert len(await town.sent(INVITATIONS)) == 1
    code, printed = await bursar("onboard-providers", "--csv", file)
    assert (code, "0 asked, 0 refused" in printed, len(await town.sent(USERS))) == (0, True, 3), printed

    for wrong, columns, said in (
        (f"{line(1)}\n{line(1)}", HEAD, "twice"),
        (line(1), HEAD.replace("city", "town"), "no column is called town"),
        (line(1).replace("maria1@example.test", ""), HEAD, "email is missing"),
    ):
        code, printed = await bursar("onboard-providers", "--csv", write(tmp_path, wrong, columns=columns))
        assert (code, said in printed) == (1, True), printed


async def test_what_the_api_would_refuse_of_a_file_is_named_before_anybody_is_registered(
    town: Town, bursar: Bursar, tmp_path: Path
) -> None:
    columns = f"{HEAD},method,program_id"
    strange = town.program_id[:-4] + "0000"
    lines = (
        f"{line(1)},ach,{town.program_id}",
        f"{line(2)},card,{strange}",
        f"{line(3)},card,",
        f"{line(4).replace('+1303', '1303')},,",
        f"{line(5)},ach,",
    )
    file = write(tmp_path, *lines, columns=columns)
    await town.system.control.delete("/journal")

    code, printed = await bursar("onboard-providers", "--csv", file, "--dry-run")

    assert (code, printed.count("program_id is not taken"), printed.count("phone is not taken")) == (1, 3, 1), printed
    assert await heard(town) == 0
    code, printed = await bursar("onboard-providers", "--csv", file)
    assert (code, printed.count("nothing was done"), "person-5: onboarded" in printed) == (1, 4, True), printed
    listed = (await town.system.get("/v1/providers"))["data"]
    assert [each["external_id"] for each in listed] == ["person-5"]
