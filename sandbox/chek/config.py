"""The Chek account, its keys and its programmes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """``balance`` is cents and is given once, when the books are new."""

    id: int
    name: str
    balance: int = 0


@dataclass
class ChekConfig:
    """Mutable on purpose: the control server changes the manners while it runs."""

    account_id: int = 1
    api_key: str = "sandbox-chek-api-key"
    write_key: str = "sandbox-chek-write-key"
    programs: tuple[Program, ...] = (Program(501, "Childcare Subsidy"),)
    email_filter_works: bool = True  # the real filter was called unreliable; off, it returns everybody
    email_filter_is_blind: bool = False  # it returns nobody, whoever is there
    refuse_duplicate_email: bool = False
