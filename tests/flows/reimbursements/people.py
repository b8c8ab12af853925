"""What reimbursement stories do all the time: write, review and approve reports, and look at both books."""

from typing import Any

from domain.ids import new_id
from domain.ledger_accounts import organization_cash
from tests.flows.reimbursements.files import pdf
from tests.flows.reimbursements.proof import every_debit_is_one_attempt, prove_books
from tests.system import System

GOOD_ACCOUNT = "123456789"
WAYS: dict[str, dict[str, str]] = {
    "ach": {"routing_number": "011000015", "account_number": GOOD_ACCOUNT},
    "check": {"line_1": "12 Main Street", "city": "Burlington", "state": "VT", "postal_code": "05401"},
    "paypal": {"email": "maria@example.test"},
    "wire": {
        "bic": "DEUTDEFF",
        "account_number": "DE89370400440532013000",
        "bank_name": "Deutsche Bank",
        "address": "Hauptstrasse 1",
        "city": "Berlin",
        "country": "DE",
    },
}


class People:
    """Ada writes reports, Grace decides on them; the payee is neither of them."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.deposits = 0
        self.payee: dict[str, Any] = {}
        self.method: dict[str, Any] = {}
        self.payee_account = ""
        self.lists_differ = False
        """A story of partners whose lists are not what we did."""

    async def deposit(self, amount: int) -> None:
        """Money comes into FS Main, and an operator books the bank's line."""
        self.deposits += 1
        await self.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": amount})
        await self.system.post(
            "/v1/deposits",
            {
                "amount": amount,
                "currency": "USD",
                "bank_reference": f"line-{self.deposits}",
                "received_on": "2026-01-05",
            },
        )

    async def add_payee(self, account_number: str = GOOD_ACCOUNT) -> None:
        """A person with a bank account, who becomes the payee of the next reports."""
        name = f"Maria Keller {self.deposits}"
        self.payee_account = account_number
        self.payee = await self.system.post(
            "/v1/payees", {"name": name, "email": f"maria{account_number}@example.test"}
        )
        self.method = await self.add_method(account_number)

    async def add_method(self, account_number: str, **more: Any) -> dict[str, Any]:
        """A further payout method of the payee."""
        body = {"routing_number": "011000015", "account_number": account_number, **more}
        method: dict[str, Any] = await self.system.post(f"/v1/payees/{self.payee['id']}/payout-methods", body)
        return method

    async def top_up(self, amount: int) -> None:
        """Money goes from FS Main to PayPal, and an operator books the bank's line."""
        self.deposits += 1
        body = {"bank_account_id": "bacc_fs_main", "amount": amount}
        wire = (await self.system.control.post("/paypal/top-ups", json=body)).json()["wire"]
        line = {"amount": amount, "bank_reference": wire, "moved_on": "2026-01-05"}
        await self.system.post("/v1/paypal-top-ups", line)

    async def items(self) -> list[dict[str, Any]]:
        """PayPal's own list of payout items."""
        found: list[dict[str, Any]] = (await self.system.control.get("/books/paypal")).json()["items"]
        return found

    async def item_becomes(self, item: dict[str, Any], status: str, error: str | None = None) -> None:
        """PayPal, or the receiver, does this with an item now."""
        answer = await self.system.control.post(
            f"/paypal/items/{item['id']}/become", json={"status": status, "error": error}
        )
        assert answer.is_success, answer.text

    async def add_way(self, kind: str, **details: Any) -> dict[str, Any]:
        """A further payout method of the payee, of any kind."""
        body = {"kind": kind, **WAYS[kind], **details}
        method: dict[str, Any] = await self.system.post(f"/v1/payees/{self.payee['id']}/payout-methods", body)
        return method

    async def draft(self, *expenses: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """The path of a draft with these expenses, and they."""
        report = await self.system.post("/v1/reports", {"payee_id": self.payee["id"]})
        path = f"/v1/reports/{report['id']}"
        return path, [await self.system.post(f"{path}/expenses", expense) for expense in expenses]

    async def upload(self, path: str, expense: dict[str, Any], content: bytes, type_: str = "application/pdf") -> Any:
        """Send a file as a receipt: the answer as it is."""
        headers = {"Idempotency-Key": new_id().hex, "Content-Type": type_}
        return await self.system.api.post(f"{path}/expenses/{expense['id']}/receipts", content=content, headers=headers)

    async def draft_with_receipt(self) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The path of a draft with one expense, the expense, and its receipt."""
        path, (expense,) = await self.draft({"memo": "Train", "amount": 1_000})
        answer = await self.upload(path, expense, pdf())
        assert answer.status_code == 201, answer.text
        return path, expense, answer.json()

    async def policy(self, **changes: Any) -> None:
        """Change what the organization asks of its reports."""
        answer = await self.system.api.patch("/v1/reimbursement-policy", json=changes)
        assert answer.is_success, answer.text

    async def reviewed(self, *amounts: int) -> str:
        """A report with these expenses, submitted and reviewed; returns its id."""
        report = await self.system.post("/v1/reports", {"payee_id": self.payee["id"]})
        path = f"/v1/reports/{report['id']}"
        for number, amount in enumerate(amounts, 1):
            await self.system.post(f"{path}/expenses", {"memo": f"Expense {number}", "amount": amount})
        await self.system.post(f"{path}/submit", None)
        await self.system.post(f"{path}/review", {}, client=self.system.other_operator)
        return str(report["id"])

    async def approved(self, *amounts: int) -> str:
        """A report with these expenses whose payout has begun; returns its id."""
        report_id = await self.reviewed(*amounts)
        await self.system.post(f"/v1/reports/{report_id}/approve", None, client=self.system.other_operator)
        return report_id

    async def until(self, report_id: str, state: str, **more: Any) -> dict[str, Any]:
        """The report once its payout is in this state."""
        seen: dict[str, Any] = await self.system.until(
            f"/v1/reports/{report_id}", lambda report: (report["payout"] or {}).get("state") == state, **more
        )
        return seen

    async def ask(self, report_id: str, verb: str, body: Any = None) -> Any:
        """An operator's request that may be refused: the answer as it is."""

        return await self.system.other_operator.post(
            f"/v1/reports/{report_id}/{verb}",
            json={} if body is None else body,
            headers={"Idempotency-Key": new_id().hex},
        )

    async def reverse(self, report_id: str) -> dict[str, Any]:
        """Give the money of a failed payout back; the report when that is done."""
        answer = await self.ask(report_id, "reverse")
        assert answer.status_code == 202, answer.text
        return await self.until(report_id, "reversed")

    async def transfers(self, kind: str) -> list[dict[str, Any]]:
        """The bank's own list of transfers of one kind."""
        book = (await self.system.control.get("/books/column")).json()
        return [transfer for transfer in book["transfers"] if transfer["kind"] == kind]

    async def settle(self, transfer_id: str) -> None:
        """The bank settles a transfer now, and says so."""
        answer = await self.system.control.post(f"/column/ach/{transfer_id}/settle")
        assert answer.is_success, answer.text

    async def send_back(self, transfer_id: str, code: str) -> None:
        """The receiving bank returns a transfer now, and Column says so."""
        answer = await self.system.control.post(f"/column/ach/{transfer_id}/return", json={"code": code})
        assert answer.is_success, answer.text

    async def mails(self) -> list[dict[str, Any]]:
        """What lies in the mailbox."""
        found: list[dict[str, Any]] = (await self.system.control.get("/mailbox/messages")).json()["data"]
        return found

    async def balances(self, report: dict[str, Any] | None = None) -> dict[str, int]:
        """Posted balances of our books, by short name."""
        codes = {
            "cash": organization_cash(self.system.organization_id),
            "fs_main": "external:bank:fs_main",
            "fs_operating": "external:bank:fs_operating",
        }
        if report is not None:
            codes["clearing"] = report["payout"]["clearing_account"]
            codes["funding"] = report["payout"]["clearing_account"] + ":funding"
        async with self.system.house.database.unit_of_work(self.system.organization_id, actor="test") as uow:
            return {name: (await uow.ledger.balance(code, "USD")).posted.minor_units for name, code in codes.items()}

    async def booked(self, code: str) -> int:
        """The posted balance of one account of ours."""
        async with self.system.house.database.unit_of_work(self.system.organization_id, actor="test") as uow:
            return (await uow.ledger.balance(code, "USD")).posted.minor_units

    async def bank(self) -> dict[str, int]:
        """The bank's own balances, by short name."""
        book = (await self.system.control.get("/books/column")).json()
        return {account["id"].removeprefix("bacc_"): account["available"] for account in book["bank_accounts"]}

    async def prove_books(self) -> None:
        """Every proof of `bursar ledger check` with the partners' own books beside ours, and each of their debits."""
        await prove_books(self.system)
        if not self.lists_differ:
            await every_debit_is_one_attempt(self.system)
