"""Story: store a bank account at the gateway and debit it, once with the gateway's answer lost on the way."""

from typing import Any

from cli.demo.client import DemoClient
from cli.demo.report import Story
from cli.demo.stage import Stage

ROUTING, NUMBER = "011000015", "123456789"


def play(stage: Stage) -> Story:
    """Prenote, token, verification, three debits, settlement, and the money in the books."""
    bursar, tag = stage.operator, stage.tag
    story = Story("ACH through the gateway (EPX)")
    merchant = bursar.post(
        "/v1/merchants",
        {
            "name": f"Riverside Utilities {tag}",
            "cust_nbr": "7000",
            "merch_nbr": "700010",
            "dba_nbr": "1",
            "terminal_nbr": "1",
            "verification_policy": "prenote_wait",
        },
    )
    account = bursar.post(
        "/v1/ach-accounts",
        {
            "merchant_id": merchant["id"],
            "customer_id": f"customer-{tag}",
            "account_type": "checking",
            "routing_number": ROUTING,
            "account_number": NUMBER,
            "first_name": "Maria",
            "last_name": "Keller",
        },
        wait=20,
    )
    story.tell(f"An account ending in {account['last_four']} was prenoted (CKC0) and stored as a token (CKC8).")
    path = f"/v1/ach-accounts/{account['id']}"
    account = bursar.until(path, lambda seen: seen["verifies_at"])
    bursar.live_until(account["verifies_at"])
    account = bursar.until(path, lambda seen: seen["is_verified"])
    story.tell("Three clean banking days after the prenote settled, the account counts as verified.")
    story.link("storing the account", account["links"]["run"])
    debits = [
        _debit(bursar, account["id"], 15_000),
        _debit(bursar, account["id"], 151),
    ]
    story.tell("150.00 was debited (CKC2) and taken in; 1.51 was declined with 51: nothing was booked for it.")
    bursar.fault("epx", "CKC2", "cut_after")
    lost = _debit(bursar, account["id"], 4_200)
    lost = bursar.until(f"/v1/ach-debits/{lost['id']}", lambda seen: seen["ach_state"] == "accepted")
    sends = lost["detail"]["money_calls"][0]["times_sent"]
    story.tell(
        f"The answer to a debit of 42.00 was lost after the gateway took it. It was sent {sends} time; the outcome "
        "was found in the gateway's report file."
    )
    debits.append(lost)
    bursar.live_until(lost["settles_on"])
    settled = [bursar.until(f"/v1/ach-debits/{debit['id']}", _at_rest) for debit in debits]
    story.tell("The bank settled: 192.00 moved from uncleared to the organization's cash.")
    numbers = {debit["tran_nbr"] for debit in settled}
    book = [entry for entry in bursar.book("epx")["entries"] if entry["tran_nbr"] in numbers]
    story.compare(
        "settled debits", sum(e["amount"] for e in book if e["state"] == "settled"), _booked(settled, ":cash")
    )
    story.compare("still in transit", 0, _booked(settled, "rail:epx:in_transit"))
    story.link("the debit with the lost answer", lost["links"]["run"])
    return story


def _debit(bursar: DemoClient, account_id: str, amount: int) -> Any:
    return bursar.post(
        "/v1/ach-debits",
        {"account_id": account_id, "amount": amount, "currency": "USD", "description": "November bill"},
        wait=5,
    )


def _at_rest(debit: Any) -> bool:
    return debit["ach_state"] in ("settled", "declined")


def _booked(debits: list[Any], account: str) -> int:
    return sum(
        line["amount"]
        for debit in debits
        for line in debit["detail"]["ledger_lines"]
        if line["account"].endswith(account) and not line["pending"]
    )
