"""The gateway's merchants and manners."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Terminal:
    """The four-part key that every Server Post carries instead of a signature."""

    cust_nbr: str
    merch_nbr: str
    dba_nbr: str
    terminal_nbr: str

    @property
    def key(self) -> str:
        return f"{self.cust_nbr}-{self.merch_nbr}-{self.dba_nbr}-{self.terminal_nbr}"


def _default_terminals() -> tuple[Terminal, ...]:
    return (Terminal("7000", "700010", "1", "1"), Terminal("7000", "700020", "1", "1"))


@dataclass
class EpxConfig:
    """Mutable on purpose: the control server changes the gateway's manners while it runs."""

    terminals: tuple[Terminal, ...] = field(default_factory=_default_terminals)
    report_key: str = "sandbox-epx-report-key"
    refuse_duplicate_tran_nbr: bool = False  # whether the real gateway does is not documented
    protect_void_after_credit: bool = False  # the real sandbox gave no protection
    latency_ms: int = 0
