"""AUTH_RESP codes and their texts (gateway contract, section 1.5)."""

import re

TEXTS = {
    "00": "ACCEPTED",
    "03": "INVALID MERCHANT OR TERMINAL",
    "05": "DO NOT HONOR",
    "06": "SYSTEM ERROR",
    "12": "INVALID TRANSACTION",
    "13": "INVALID AMOUNT",
    "14": "INVALID ACCOUNT NUMBER",
    "51": "INSUFFICIENT FUNDS",
    "52": "NO CHECKING ACCOUNT",
    "53": "NO SAVINGS ACCOUNT",
    "54": "EXPIRED",
    "61": "EXCEEDS AMOUNT LIMIT",
    "65": "EXCEEDS FREQUENCY LIMIT",
    "78": "INVALID ROUTING NUMBER",
    "79": "ALREADY REVERSED",
    "80": "INVALID DATE",
    "85": "NO REASON TO DECLINE",
    "91": "ISSUER UNAVAILABLE",
    "96": "SYSTEM MALFUNCTION",
    "BD": "BATCH DECLINED",
    "EA": "LENGTH ERROR",
    "EB": "CHECK DIGIT ERROR",
    "EH": "INVALID ENTRY METHOD",
    "S7": "DECLINED BY RISK CONTROL",
}

# Answered, yet nobody outside can tell whether the attempt was kept.
SYSTEM_ERRORS = frozenset({"06", "91", "96"})


class DeclinedError(Exception):
    """The gateway's no. ``text`` becomes AUTH_RESP_TEXT; it names fields, never their values."""

    def __init__(self, code: str, text: str | None = None) -> None:
        self.code = code
        self.text = text or TEXTS[code]
        super().__init__(code)


def invalid(field: str, value: str | None) -> DeclinedError:
    """EPX's own form for a field that fails its edit: the name and the length that was seen."""
    field = field if re.fullmatch("[A-Z_]{1,40}", field) else "FIELD_NAME"
    return DeclinedError("RR", f"Invalid {field}[{len(value or '')}]/{field}")
