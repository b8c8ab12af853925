"""Story: fund a family's month and pay a provider; the payout fails after the wallet step and is paid to the card."""

from datetime import date, timedelta
from typing import Any

from cli.demo.client import DemoClient, answer_of
from cli.demo.report import Story
from cli.demo.stage import Stage

CHEK_PROGRAM = 501
FUNDING, ALLOCATION = 500_000, 120_000
ADDRESS = {"line1": "1 Main St", "city": "Denver", "state": "CO", "postal_code": "80202", "country_code": "US"}


def play(stage: Stage) -> Story:
    """Program, family, child, provider; allocation; a payment by ACH; one that resumes at the payout."""
    bursar, tag = stage.operator, stage.tag
    story = Story("Childcare subsidy through Chek")
    program_id = _program(bursar, tag)
    month = _next_month(bursar)
    family_user, provider_user = _person(bursar, "Keller", tag), _person(bursar, "Ortiz", tag)
    family = bursar.post("/v1/families", {"external_id": f"family-{tag}", "name": "Keller"})
    bursar.post(f"/v1/families/{family['id']}/wallet", {"chek_user_id": str(family_user)})
    child = bursar.post(
        "/v1/children",
        {"family_id": family["id"], "program_id": program_id, "external_id": f"child-{tag}", "name": "Ana"},
    )
    provider = _provider(bursar, provider_user, tag)
    allocation = bursar.post(
        "/v1/allocations",
        {"child_id": child["id"], "month": month.isoformat(), "amount": ALLOCATION, "currency": "USD"},
        wait=20,
    )
    story.tell(f"The programme moved 1,200.00 to the family's wallet: the allocation is {allocation['funding_state']}.")
    bursar.post(
        "/v1/payment-rates",
        {
            "provider_id": provider["id"],
            "child_id": child["id"],
            "effective_from": "2024-01-01",
            "half_day": 3_000,
            "full_day": 5_000,
        },
    )
    first_monday = month + timedelta(days=-month.weekday() % 7)
    days = [_care_day(bursar, allocation, provider, first_monday + timedelta(days=number)) for number in (1, 2, 3)]
    paid = bursar.post("/v1/provider-payments", {"care_day_ids": days}, wait=20)
    story.tell(f"Three care days, 150.00: family wallet to provider wallet, then same-day ACH: {paid['state']}.")
    resumed = _resumed(bursar, story, allocation, provider, provider_user)
    _books(bursar, story, family_user, provider_user, (paid, resumed), allocation)
    story.link("the payment that was resumed", resumed["links"]["run"])
    return story


def _resumed(bursar: DemoClient, story: Story, allocation: Any, provider: Any, provider_user: int) -> Any:
    """The bank account is closed between the wallet step and the payout; the provider switches to the card."""
    lump = bursar.post(
        "/v1/lump-sums",
        {
            "allocation_id": allocation["id"],
            "provider_id": provider["id"],
            "amount": 20_000,
            "currency": "USD",
            "days": 1,
        },
    )
    paused = bursar.fault("chek", "users.transfer_balance", "pause_before", match={"amount": 20_000})
    payment = bursar.post("/v1/provider-payments", {"lump_sum_id": lump["id"]})
    bursar.paused(paused)
    bursar.control("PUT", f"/chek/users/{provider_user}/directpay", {"status": "Inactive"})
    bursar.control("POST", f"/faults/{paused}/release")
    path = f"/v1/provider-payments/{payment['id']}"
    stopped = bursar.until(path, lambda seen: seen["state"].endswith("_stopped"))
    story.tell(
        "A lump sum of 200.00 reached the provider's wallet; meanwhile the bank account was closed: "
        f"{stopped['state']} ({stopped['code']})."
    )
    bursar.post(f"/v1/providers/{provider['id']}/payment-settings", {"method": "card"})
    paid = bursar.until(path, lambda seen: seen["state"] == "paid")
    moves = sum(call["operation"] == "wallet_to_wallet" for call in paid["detail"]["money_calls"])
    story.tell(f"The provider chose the card: the payment went on at the payout. Wallet moves made for it: {moves}.")
    return paid


def _program(bursar: DemoClient, tag: str) -> str:
    """The programme at Chek, with fresh money that is booked here too."""
    standing = [p for p in bursar.get("/v1/programs")["data"] if p["chek_program_id"] == str(CHEK_PROGRAM)]
    program = (
        standing[0]
        if standing
        else bursar.post("/v1/programs", {"name": "Childcare subsidy", "chek_program_id": str(CHEK_PROGRAM)})
    )
    before = _balance(bursar, "program", CHEK_PROGRAM)
    if not standing and before:
        before = 0
    bursar.control("PUT", f"/chek/programs/{CHEK_PROGRAM}/balance", {"balance": before + FUNDING})
    bursar.post(
        f"/v1/programs/{program['id']}/fundings",
        {"amount": FUNDING, "currency": "USD", "reference": f"wire-{tag}"},
    )
    return str(program["id"])


def _person(bursar: DemoClient, last_name: str, tag: str) -> int:
    """Somebody at Chek."""
    made = bursar.chek.post(
        "users/",
        json={
            "email": f"{last_name.lower()}-{tag}@example.test",
            "phone": "+13035550100",
            "first_name": "Maria",
            "last_name": last_name,
            "address": ADDRESS,
        },
    )
    return int(answer_of(made)["id"])


def _provider(bursar: DemoClient, user: int, tag: str) -> Any:
    """A provider with a bank account and a virtual card at Chek."""
    answer_of(bursar.chek.post("directpay_accounts/invite/", json={"user_id": user}))
    bursar.control("PUT", f"/chek/users/{user}/directpay", {"status": "Active"})
    card = {"program_id": CHEK_PROGRAM, "funding_method": "wallet_balance", "amount": 0}
    answer_of(bursar.chek.post(f"users/{user}/create_card/", json=card))
    provider = bursar.post("/v1/providers", {"external_id": f"provider-{tag}", "name": "Sunny Days", "kind": "home"})
    bursar.post(f"/v1/providers/{provider['id']}/payment-settings", {"chek_user_id": str(user), "method": "ach"})
    return provider


def _care_day(bursar: DemoClient, allocation: Any, provider: Any, day: date) -> str:
    made = bursar.post(
        "/v1/care-days",
        {
            "allocation_id": allocation["id"],
            "provider_id": provider["id"],
            "date": day.isoformat(),
            "kind": "full",
        },
    )
    return str(made["id"])


def _books(
    bursar: DemoClient, story: Story, family: int, provider: int, payments: tuple[Any, ...], allocation: Any
) -> None:
    lines = [line for payment in payments for line in payment["detail"]["ledger_lines"] if not line["pending"]]
    funded = bursar.get(f"/v1/allocations/{allocation['id']}")["detail"]["ledger_lines"]

    def booked(part: str, end: str = "") -> int:
        return sum(
            line["amount"]
            for line in [*lines, *[line for line in funded if not line["pending"]]]
            if line["account"].startswith(part) and line["account"].endswith(end)
        )

    story.compare("family's wallet", _balance(bursar, "wallet", family), booked("family:"))
    story.compare("provider's wallet", _balance(bursar, "wallet", provider), booked("provider:", ":wallet"))


def _balance(bursar: DemoClient, kind: str, number: int) -> int:
    for line in bursar.book("chek")["balances"]:
        if line["kind"] == kind and line["id"] == number:
            return int(line["balance"])
    return 0


def _next_month(bursar: DemoClient) -> date:
    today = date.fromisoformat(bursar.get("/v1/sandbox/clock")["business_now"][:10])
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
