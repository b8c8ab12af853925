"""The ledger in thirty lines of Python: what a sequence of operations must come to."""

from dataclasses import dataclass, field

FLOORED = ("org:a:cash", "org:b:cash")
ACCOUNTS = (*FLOORED, "org:a:uncleared", "external:bank")
Pairs = tuple[tuple[str, str, int], ...]


class Refused(Exception):  # noqa: N818 - it is the model's word
    """The ledger must refuse this and change nothing."""


@dataclass
class ModelHold:
    pairs: Pairs
    left: int


@dataclass
class Model:
    """Natural balances by account; `held` counts what open holds would take."""

    posted: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    holds: list[ModelHold] = field(default_factory=list)

    def available(self, account: str) -> int:
        return self.posted.get(account, 0) - self.held.get(account, 0)

    def post(self, pairs: Pairs) -> None:
        self._refuse_below_floor(pairs)
        self._move(pairs)

    def fact(self, pairs: Pairs) -> None:
        self._move(pairs)
        for account in FLOORED:
            if (short := -self.available(account)) > 0:
                self.posted[account] += short
                self.posted[f"receivable:{account}"] = self.posted.get(f"receivable:{account}", 0) + short

    def hold(self, pairs: Pairs) -> None:
        # what is on its way in does not count, so credits are left out
        self._refuse_below_floor(pairs, incoming=False)
        self._hold(pairs, 1)
        self.holds.append(ModelHold(pairs, sum(amount for _, _, amount in pairs)))

    def post_hold(self, index: int, amount: int | None, release_rest: bool) -> None:
        hold = self._open(index)
        amount = hold.left if amount is None else amount
        if amount > hold.left or (len(hold.pairs) > 1 and amount != hold.left):
            raise Refused
        ended = hold.left if release_rest else amount
        if len(hold.pairs) > 1:
            self._hold(hold.pairs, -1)
            self._move(hold.pairs)
        else:
            ((debit, credit, _),) = hold.pairs
            self._hold(((debit, credit, ended),), -1)
            self._move(((debit, credit, amount),))
        hold.left -= ended

    def void_hold(self, index: int) -> None:
        hold = self._open(index)
        pairs = hold.pairs if len(hold.pairs) > 1 else ((*hold.pairs[0][:2], hold.left),)
        self._hold(pairs, -1)
        hold.left = 0

    def _open(self, index: int) -> ModelHold:
        if not self.holds or not self.holds[index % len(self.holds)].left:
            raise Refused
        return self.holds[index % len(self.holds)]

    def _refuse_below_floor(self, pairs: Pairs, *, incoming: bool = True) -> None:
        for account in FLOORED:
            change = sum(a for _, credit, a in pairs if incoming and credit == account)
            change -= sum(a for debit, _, a in pairs if debit == account)
            if change < 0 and self.available(account) + change < 0:
                raise Refused

    def _move(self, pairs: Pairs) -> None:
        for debit, credit, amount in pairs:
            for account, change in ((debit, -amount), (credit, amount)):
                natural = -change if account == "external:bank" else change
                self.posted[account] = self.posted.get(account, 0) + natural

    def _hold(self, pairs: Pairs, sign: int) -> None:
        for debit, credit, amount in pairs:
            loser = credit if credit == "external:bank" else None
            for account in {debit} - {"external:bank"} | ({loser} if loser else set()):
                self.held[account] = self.held.get(account, 0) + sign * amount
