"""The list of ACH transactions, and how long a debit's history is."""

from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import (
    LONGEST_HISTORY,
    ask,
    come_back,
    entry,
    longest_history,
    pay_out,
    refund,
    settled_debit,
    void,
)
from tests.proof import prove
from tests.system import System


async def test_transactions_are_found_by_what_they_are(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    settled = await settled_debit(system, account["id"])
    refunded = (await refund(system, settled["id"], 1_000)).json()
    paid = (await pay_out(system, account["id"], 2_000)).json()
    voided = await debited(system, account["id"], 3_000)
    void_of_it = (await void(system, voided["id"])).json()
    declined = await debited(system, account["id"], 151)

    async def found(query: str) -> list[str]:
        return [row["id"] for row in (await system.get(f"/v1/ach-transactions?{query}"))["data"]]

    everything = [made["id"] for made in (declined, void_of_it, voided, paid, refunded, settled)]
    assert await found("") == everything
    assert await found("type=DEBIT&direction=credit") == [paid["id"]]
    assert await found("type=REFUND") == [refunded["id"]]
    assert await found("type=VOID") == [void_of_it["id"]]
    assert await found(f"parent_transaction_id={settled['id']}") == [refunded["id"]]
    assert await found("status=declined") == [declined["id"]]
    assert await found("status=approved&ach_state=declined") == []
    assert await found("ach_state=voided") == [voided["id"]]
    assert await found("amount_min=1000&amount_max=2000") == [paid["id"], refunded["id"]]
    assert await found(f"date_to={settled['business_date']}") == [settled["id"]]
    assert await found(f"date_from={voided['business_date']}") == everything[:-1]
    assert await found(f"customer_id=customer-1&account_id={account['id']}&merchant_id={account['merchant_id']}") == (
        everything
    )
    assert await found("customer_id=nobody") == []
    nonsense = await ask(system, "/v1/ach-transactions?type=SALE", {})
    assert nonsense.is_error
    assert (await system.get(f"/v1/ach-transactions/{paid['id']}"))["links"]["self"] == f"/v1/ach-credits/{paid['id']}"
    wrong_kind = await system.api.get(f"/v1/ach-debits/{paid['id']}")
    assert wrong_kind.status_code == 404


async def test_the_ordinary_life_of_a_debit_with_its_return_stays_under_sixty_events(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    await come_back(system, debit, "R01")
    await entry(system, "ach-debits", debit, "returned")
    await prove(system)  # by then everything is delivered that wakes a run, or starts the next one
    assert await longest_history(system, debit) <= LONGEST_HISTORY
