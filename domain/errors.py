"""Every error this product raises on purpose. Programming mistakes stay ValueError, TypeError and the like.

    BursarError
    ├── Unauthenticated              unauthenticated            no key, an unknown key, an expired key
    ├── PermissionDenied             permission_denied          the key may not do this
    ├── NotFound                     not_found                  absent, or another organization's
    ├── InvalidInput                 invalid_input, …           a value that can never work; names its field
    │   └── IdempotencyKeyMissing    idempotency_key_missing
    ├── LimitExceeded                limit_exceeded, …          a policy's amount or count, not an account's balance
    ├── Conflict
    │   ├── StateConflict            account_not_verified, …    right request, wrong moment
    │   ├── IdempotencyKeyReused     idempotency_key_reused     same key, other content
    │   └── RequestStillRunning      request_still_running      same key, first request not answered yet
    ├── LedgerError                                             raised by the ledger's functions, by SQLSTATE
    │   ├── InsufficientFunds        insufficient_funds         BL001
    │   ├── LedgerKeyReused          ledger_key_reused          BL002
    │   ├── UnknownAccount           unknown_account            BL003
    │   ├── HoldAlreadyResolved      hold_already_resolved      BL004
    │   ├── AccountClosed            account_closed             BL005
    │   ├── MalformedPosting         malformed_posting          BL006
    │   └── OrganizationMismatch     organization_mismatch      BL007
    ├── MoneyCallError
    │   ├── WalletBusy               wallet_busy                another open call touches the wallet
    │   ├── CorrectionPending        correction_pending         the account is being stored anew, as its bank asked
    │   ├── EvidenceMismatch         evidence_mismatch          the books or the evidence are not what was seen
    │   ├── ContradictionOpen        contradiction_open         a late answer contradicts a final outcome
    │   └── StaleToken               stale_token                another sender holds the call now
    ├── SecretUnreadable             secret_unreadable          stored cipher text does not open
    └── Unavailable                  unavailable, …             a part that we need is away; retry_after seconds
        └── RateLimited              rate_limited

Each error has a stable `code` for programs, a `message` for people that never holds a secret, the `field` at fault as a
JSON pointer or name, whether a repeat can help (`retry`) and who must act (`who_must_act`). HTTP status codes are known
only to api/problems.py and Temporal's view only to activities/errors.py.
"""

# ruff: noqa: N818 - the names are the field's own terms, and the tree above says that they are errors

from typing import ClassVar, Literal

Retry = Literal["never", "later", "after_change"]
WhoMustAct = Literal["caller", "operator", "payee", "nobody"]


class BursarError(Exception):
    """Root of the tree; raised only through a subclass."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry: Retry,
        who_must_act: WhoMustAct,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retry: Retry = retry
        self.who_must_act: WhoMustAct = who_must_act


class Unauthenticated(BursarError):
    """We do not know who asks. One message for every reason, so that nobody learns which keys exist."""

    def __init__(self, message: str = "A valid API key is required.", *, code: str = "unauthenticated") -> None:
        super().__init__(code, message, retry="after_change", who_must_act="caller")


class PermissionDenied(BursarError):
    """We know who asks, and they may not."""

    def __init__(self, message: str, *, code: str = "permission_denied") -> None:
        super().__init__(code, message, retry="after_change", who_must_act="operator")


class NotFound(BursarError):
    """There is no such object, or it belongs to another organization: the caller cannot tell which."""

    def __init__(self, noun: str, *, field: str | None = None, code: str = "not_found") -> None:
        super().__init__(
            code, f"There is no {noun} with this id.", field=field, retry="after_change", who_must_act="caller"
        )


class InvalidInput(BursarError):
    """A value that can never be accepted. `field` names it; the message never repeats the value."""

    def __init__(self, field: str, message: str, *, code: str = "invalid_input") -> None:
        super().__init__(code, message, field=field, retry="after_change", who_must_act="caller")


class IdempotencyKeyMissing(InvalidInput):
    """A request that creates or moves something came without an Idempotency-Key."""

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key", "This request needs an Idempotency-Key header.", code="idempotency_key_missing"
        )


class LimitExceeded(BursarError):
    """A policy limit (per transaction, per day, a cap) would be passed."""

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: str = "limit_exceeded",
        retry: Retry = "after_change",
        who_must_act: WhoMustAct = "caller",
    ) -> None:
        super().__init__(code, message, field=field, retry=retry, who_must_act=who_must_act)


class Conflict(BursarError):
    """The request is right in itself, but not against what already stands."""


class StateConflict(Conflict):
    """The object is not in a state that allows this. The code says which state, for example `already_reversed`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry: Retry = "after_change",
        who_must_act: WhoMustAct = "caller",
    ) -> None:
        super().__init__(code, message, field=field, retry=retry, who_must_act=who_must_act)


class IdempotencyKeyReused(Conflict):
    """The key was used before with another request."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_reused",
            "This Idempotency-Key was used before with another request.",
            field="Idempotency-Key",
            retry="after_change",
            who_must_act="caller",
        )


class RequestStillRunning(Conflict):
    """The first request with this key has no answer yet."""

    def __init__(self) -> None:
        super().__init__(
            "request_still_running",
            "The first request with this Idempotency-Key is still running.",
            field="Idempotency-Key",
            retry="later",
            who_must_act="nobody",
        )


class LedgerError(BursarError):
    """The ledger refused a posting. `sqlstate` is what its functions raise."""

    sqlstate: ClassVar[str]
    default_code: ClassVar[str]
    default_message: ClassVar[str]
    default_retry: ClassVar[Retry] = "never"
    default_who_must_act: ClassVar[WhoMustAct] = "operator"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(
            self.default_code,
            message or self.default_message,
            retry=self.default_retry,
            who_must_act=self.default_who_must_act,
        )


class InsufficientFunds(LedgerError):
    """An intention would take an account below its floor. Facts reported by a rail never meet this."""

    sqlstate = "BL001"
    default_code = "insufficient_funds"
    default_message = "The account does not hold enough available money."
    default_retry = "after_change"


class LedgerKeyReused(LedgerError):
    """The posting's key stands in the books already, with other content."""

    sqlstate = "BL002"
    default_code = "ledger_key_reused"
    default_message = "A posting with this key and other content is already in the books."


class UnknownAccount(LedgerError):
    """No pattern of the chart of accounts fits the code."""

    sqlstate = "BL003"
    default_code = "unknown_account"
    default_message = "The chart of accounts has no such account."


class HoldAlreadyResolved(LedgerError):
    """A hold is posted or voided exactly once."""

    sqlstate = "BL004"
    default_code = "hold_already_resolved"
    default_message = "The hold was already posted or voided."


class AccountClosed(LedgerError):
    """An intention names an account that takes no more postings."""

    sqlstate = "BL005"
    default_code = "account_closed"
    default_message = "The account is closed."
    default_retry = "after_change"


class MalformedPosting(LedgerError):
    """Not a set of balanced pairs of positive amounts in one currency."""

    sqlstate = "BL006"
    default_code = "malformed_posting"
    default_message = "The posting is malformed."


class OrganizationMismatch(LedgerError):
    """The posting names an organization other than the one that this unit of work is for."""

    sqlstate = "BL007"
    default_code = "organization_mismatch"
    default_message = "The posting belongs to another organization."


LEDGER_ERRORS: dict[str, type[LedgerError]] = {
    error.sqlstate: error
    for error in (
        InsufficientFunds,
        LedgerKeyReused,
        UnknownAccount,
        HoldAlreadyResolved,
        AccountClosed,
        MalformedPosting,
        OrganizationMismatch,
    )
}
"""SQLSTATE to the error it means."""


class MoneyCallError(BursarError):
    """The money call cannot go on in this way."""


class WalletBusy(MoneyCallError):
    """Another open money call touches the wallet. Not a failure: the flow waits and is woken."""

    def __init__(self, message: str = "Another payment is using this wallet.") -> None:
        super().__init__("wallet_busy", message, retry="later", who_must_act="nobody")


class CorrectionPending(MoneyCallError):
    """The account's bank asked for a correction that comes first. Not a failure: the flow waits and is woken."""

    def __init__(self, message: str = "The account is being corrected as its bank asked.") -> None:
        super().__init__("correction_pending", message, retry="later", who_must_act="nobody")


class EvidenceMismatch(MoneyCallError):
    """Evidence differs from the books, or from what the proposing operator saw."""

    def __init__(self, message: str = "The evidence is not what was seen before.") -> None:
        super().__init__("evidence_mismatch", message, retry="after_change", who_must_act="operator")


class ContradictionOpen(MoneyCallError):
    """A late answer contradicts a final outcome; the flow sends nothing more until the case is closed."""

    def __init__(self, message: str = "A contradiction on this flow must be resolved first.") -> None:
        super().__init__("contradiction_open", message, retry="after_change", who_must_act="operator")


class StaleToken(MoneyCallError):
    """The fencing token is not the current one: somebody else has taken the call over."""

    def __init__(self, message: str = "Another sender has taken this money call over.") -> None:
        super().__init__("stale_token", message, retry="never", who_must_act="nobody")


class SecretUnreadable(BursarError):
    """A stored secret does not open: unknown key id, other record, or changed bytes."""

    def __init__(self, message: str) -> None:
        super().__init__("secret_unreadable", message, retry="never", who_must_act="operator")


class Unavailable(BursarError):
    """A part that this needs is away. `retry_after` is in whole seconds."""

    def __init__(self, message: str, *, retry_after: int = 5, code: str = "unavailable") -> None:
        super().__init__(code, message, retry="later", who_must_act="nobody")
        self.retry_after = retry_after


class RateLimited(Unavailable):
    """The key's token bucket is empty until `retry_after` seconds have passed."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("Too many requests with this API key.", retry_after=retry_after, code="rate_limited")
