"""Story: reimburse a person; the first payout is returned by the bank, the payee mends the account, and is paid."""

from typing import Any

from cli.demo.client import DemoClient
from cli.demo.report import Story
from cli.demo.stage import Stage

DEPOSIT = 100_000
ROUTING, CLOSED, GOOD = "011000015", "990009002", "123456789"


def play(stage: Stage) -> Story:
    """Deposit, report with receipts, approval, book transfers, ACH, return, mail, new account, paid."""
    bursar, other, tag = stage.operator, stage.other_operator, stage.tag
    story = Story("Reimbursement out of the clearinghouse (Column)")
    _deposit(bursar, tag)
    payee = bursar.post("/v1/payees", {"name": "Maria Keller", "email": f"maria-{tag}@example.test"})
    _method(bursar, payee, CLOSED)
    report = bursar.post("/v1/reports", {"payee_id": payee["id"]})
    path = f"/v1/reports/{report['id']}"
    for memo, amount in (("Train to the fair", 12_345), ("Banner", 7_655)):
        expense = bursar.post(f"{path}/expenses", {"memo": memo, "amount": amount})
        bursar.upload(f"{path}/expenses/{expense['id']}/receipts", _receipt(memo), "application/pdf")
    bursar.post(f"{path}/submit", None)
    other.post(f"{path}/review", {})
    other.post(f"{path}/approve", None)
    seen = bursar.until(path, lambda found: _payout(found) == "sent")
    transfers = sum(call["operation"] == "book_transfer" for call in seen["detail"]["money_calls"])
    story.tell(f"Two expenses, 200.00: {transfers} book transfers through FS Operating, then ACH to the payee.")
    bursar.advance_clock(days=9)
    seen = bursar.until(path, lambda found: _payout(found) == "returned")
    story.tell(f"The payee's bank returned it with {seen['payout']['code']}. The money is back in the clearinghouse.")
    mail = bursar.mail_to(f"maria-{tag}@example.test")
    story.tell(f"The payee was mailed why: \u201c{mail['subject']}\u201d.")
    method = _method(bursar, payee, GOOD)
    bursar.post(f"{path}/payout-method", {"payout_method_id": method["id"]})
    bursar.until(path, lambda found: _payout(found) in ("sent", "settled"))
    bursar.advance_clock(days=9)
    seen = bursar.until(path, lambda found: _payout(found) == "settled")
    story.tell(f"The payee gave another account, was paid by a second attempt, and the report is {seen['state']}.")
    _books(bursar, story, seen)
    story.link("the reimbursement", seen["links"]["run"])
    return story


def _deposit(bursar: DemoClient, tag: str) -> None:
    """Money comes into FS Main, and an operator books the bank's line."""
    bursar.control("POST", "/column/deposits", {"bank_account_id": "bacc_fs_main", "amount": DEPOSIT})
    bursar.post(
        "/v1/deposits",
        {"amount": DEPOSIT, "currency": "USD", "bank_reference": f"wire-{tag}", "received_on": "2026-01-05"},
    )


def _method(bursar: DemoClient, payee: Any, number: str) -> Any:
    body = {"routing_number": ROUTING, "account_number": number, "default": True}
    return bursar.post(f"/v1/payees/{payee['id']}/payout-methods", body)


def _receipt(memo: str) -> bytes:
    """A PDF that says what was bought."""
    return f"%PDF-1.4\n1 0 obj<</Contents({memo})>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def _payout(report: Any) -> str | None:
    state: str | None = (report["payout"] or {}).get("state")
    return state


def _books(bursar: DemoClient, story: Story, report: Any) -> None:
    """What this report moved at the bank, and in the books."""
    ours = {call["rail_id"] for call in report["detail"]["money_calls"]}
    book = bursar.book("column")
    moved = [transfer for transfer in book["transfers"] if transfer["id"] in ours]
    paid = sum(t["amount"] for t in moved if t["kind"] == "ach" and t["status"] in ("SETTLED", "COMPLETED"))
    lines = [line for line in report["detail"]["ledger_lines"] if not line["pending"]]
    story.compare("paid to the payee", paid, -_sum(lines, "external:bank:fs_main"))
    operating = next(a["available"] for a in book["bank_accounts"] if a["id"] == "bacc_fs_operating")
    story.compare("FS Operating", operating, _sum(lines, "external:bank:fs_operating"))


def _sum(lines: list[Any], account: str) -> int:
    return sum(line["amount"] for line in lines if line["account"] == account)
