"""What customers are told: once each, and never able to change a payment."""

from db.queries import mail as mails
from domain.calendar import new_york_date
from domain.recurrence import Frequency, charge_date
from tests.db.ach_authorizations.desk import Desk, days


async def test_a_copy_a_notice_before_and_a_receipt_after_are_written_once_however_often_it_looks(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start + days(14))
    for _ in range(3):
        await desk.keep(authorization)
    assert len(await desk.notices("copy")) == 1
    assert await desk.notices("charge") == [], "it is not time yet"
    await desk.move_to(start + days(3))
    for _ in range(3):
        await desk.keep(authorization)
    (notice,) = await desk.notices("charge")
    assert (notice["due_on"], notice["amount"]) == (charge_date(start + days(14)) - days(10), 15_000)
    await desk.move_to(charge_date(start + days(14)))
    await desk.keep(authorization)
    assert await desk.notices("receipt") == []
    await desk.answer()
    for _ in range(3):
        await desk.keep(authorization)
    (receipt,) = await desk.notices("receipt")
    assert receipt["due_on"] == await desk.today() + days(15)
    assert receipt["transaction_id"] == (await desk.debits())[0]["id"]


async def test_a_notice_is_marked_sent_only_once_the_mail_server_took_its_mail(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today() + days(10))
    standing = await desk.keep(authorization)
    assert len(standing.mails) == 2
    assert {notice["sent_at"] for notice in await desk.notices("charge")} == {None}
    await desk.send_mails(authorization)
    standing = await desk.keep(authorization)
    assert standing.mails == []
    (notice,) = await desk.notices("charge")
    assert new_york_date(notice["sent_at"]) == await desk.today()


async def test_a_notice_after_its_charge_is_recorded_as_too_late_and_not_sent(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.keep(authorization)
    (notice,) = await desk.notices("charge")
    assert (notice["mail_id"], notice["sent_at"]) == (None, None)


async def test_a_customer_gets_one_statement_a_month_for_all_authorizations(desk: Desk) -> None:
    start = await desk.today()
    two = [await desk.authorized(start, frequency=Frequency.WEEKLY), await desk.authorized(start)]
    for week in range(4):
        if week:
            await desk.move_to(charge_date(start + days(7 * week)))
        for authorization in two:
            await desk.keep(authorization)
        await desk.answer()
    for authorization in two:
        await desk.keep(authorization)
    assert await desk.notices("statement") == [], "the month is not over"
    await desk.command(two[0], "cancel", reason="stop")
    standing = await desk.keep(two[0])
    assert standing.waiting_for == "the month's statement", "it outlasts the authorization"
    assert standing.look_at is not None
    await desk.move_to(new_york_date(standing.look_at))
    for authorization in two * 2:
        await desk.keep(authorization)
    (statement,) = await desk.notices("statement")
    within = [debit for debit in await desk.debits() if debit["business_date"].month == start.month]
    assert (statement["period_on"], statement["amount"]) == (start.replace(day=1), 15_000 * len(within))
    async with desk.work() as uow:
        letter = await mails.read(uow, statement["mail_id"])
    assert letter.recipient == "maria@example.test"
    assert len(letter.values["lines"]) == len(within)
    assert letter.values["month"] == f"February {start.year}"


async def test_a_customer_is_told_once_of_each_debit_that_came_back_and_nobody_writes_after_a_death(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start, frequency=Frequency.WEEKLY)
    for week, more in enumerate(({"return_code": "R01", "must_act": "nobody"}, {"return_code": "R15"})):
        if week:
            await desk.move_to(charge_date(start + days(7 * week)))
        await desk.keep(authorization)
        await desk.answer("accepted")
        await desk.come_back(**more)
    for _ in range(3):
        await desk.keep(authorization)
    (told,) = await desk.notices("returned")
    first = (await desk.debits())[0]
    assert (told["transaction_id"], told["amount"], told["due_on"]) == (first["id"], 15_000, await desk.today())
    assert len(await desk.notices("receipt")) == 2, "a debit has a receipt besides"
    async with desk.work() as uow:
        letter = await mails.read(uow, told["mail_id"])
    assert letter.values["said"].endswith("We will debit your account once more.")
    await desk.send_mails(authorization)


async def test_what_came_back_is_not_in_the_total_of_a_statement_also_while_the_banks_argue(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start)
    await desk.keep(authorization)
    await desk.answer("accepted")
    await desk.come_back("dishonored", return_code="R10")
    standing = await desk.keep(authorization)
    while not await desk.notices("statement"):
        assert standing.look_at is not None
        await desk.move_to(new_york_date(standing.look_at))
        standing = await desk.keep(authorization)
    (statement,) = await desk.notices("statement")
    assert (statement["period_on"], statement["amount"]) == (start.replace(day=1), 0)


async def test_the_address_is_sealed_and_in_no_event_or_history(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.keep(authorization)
    async with desk.work() as uow:
        for table in ("ach_authorization", "ach_authorization_change", "ach_notice", "outgoing_event", "mail"):
            shown = await uow.connection.exec_driver_sql(f"select coalesce(string_agg(t::text, ''), '') from {table} t")
            text = shown.scalar_one()
            assert "maria" not in text
            assert b"maria".hex() not in text
