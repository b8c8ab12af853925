"""Titles of the ACH return and change codes, as a bank prints them beside the code."""

RETURNS = {
    "R01": "INSUFFICIENT FUNDS",
    "R02": "ACCOUNT CLOSED",
    "R03": "NO ACCOUNT/UNABLE TO LOCATE ACCOUNT",
    "R04": "INVALID ACCOUNT NUMBER STRUCTURE",
    "R05": "UNAUTHORIZED DEBIT TO CONSUMER ACCOUNT USING CORPORATE SEC CODE",
    "R06": "RETURNED PER ODFI REQUEST",
    "R07": "AUTHORIZATION REVOKED BY CUSTOMER",
    "R08": "PAYMENT STOPPED",
    "R09": "UNCOLLECTED FUNDS",
    "R10": "CUSTOMER ADVISES ORIGINATOR IS NOT KNOWN OR NOT AUTHORIZED",
    "R11": "CUSTOMER ADVISES ENTRY NOT IN ACCORDANCE WITH THE TERMS",
    "R12": "ACCOUNT SOLD TO ANOTHER DFI",
    "R13": "INVALID ACH ROUTING NUMBER",
    "R14": "REPRESENTATIVE PAYEE DECEASED",
    "R15": "BENEFICIARY OR ACCOUNT HOLDER DECEASED",
    "R16": "ACCOUNT FROZEN",
    "R17": "FILE RECORD EDIT CRITERIA",
    "R20": "NON-TRANSACTION ACCOUNT",
    "R21": "INVALID COMPANY IDENTIFICATION",
    "R22": "INVALID INDIVIDUAL ID NUMBER",
    "R23": "CREDIT ENTRY REFUSED BY RECEIVER",
    "R24": "DUPLICATE ENTRY",
    "R28": "ROUTING NUMBER CHECK DIGIT ERROR",
    "R29": "CORPORATE CUSTOMER ADVISES NOT AUTHORIZED",
    "R31": "PERMISSIBLE RETURN ENTRY",
    "R34": "LIMITED PARTICIPATION DFI",
    "R61": "MISROUTED RETURN",
    "R67": "DUPLICATE RETURN",
    "R68": "UNTIMELY RETURN",
}

CHANGES = {
    "C01": "INCORRECT DFI ACCOUNT NUMBER",
    "C02": "INCORRECT ROUTING NUMBER",
    "C03": "INCORRECT ROUTING NUMBER AND INCORRECT DFI ACCOUNT NUMBER",
    "C04": "INCORRECT INDIVIDUAL NAME/RECEIVING COMPANY NAME",
    "C05": "INCORRECT TRANSACTION CODE",
    "C06": "INCORRECT DFI ACCOUNT NUMBER AND INCORRECT TRANSACTION CODE",
    "C07": "INCORRECT ROUTING NUMBER, DFI ACCOUNT NUMBER AND TRANSACTION CODE",
    "C08": "INCORRECT RECEIVING DFI IDENTIFICATION",
    "C09": "INCORRECT INDIVIDUAL IDENTIFICATION NUMBER",
    "C13": "ADDENDA FORMAT ERROR",
    "C14": "INCORRECT SEC CODE FOR OUTBOUND INTERNATIONAL PAYMENT",
}

# Consumers may claim these for sixty calendar days; every other return is due within two banking days.
CONSUMER_CLAIMS = frozenset({"R05", "R07", "R10", "R11"})


def title(code: str) -> str:
    """The printed reason; a code without a title here is still a code that a bank may send."""
    return RETURNS.get(code) or CHANGES.get(code) or "SEE CODE"


def correction(code: str, routing_number: str, account_number: str) -> str:
    """The 29 columns of corrected data of a notification of change, by the code's own layout.

    The correction is made up but stable: the account number with its last digit raised by one, and a routing
    number that has a right check digit.
    """
    account = account_number[:-1] + str((int(account_number[-1]) + 1) % 10) if account_number[-1:].isdigit() else "1"
    layouts = {
        "C01": f"{account:<17}",
        "C02": routing_number,
        "C03": f"{routing_number}   {account:<17}",
        "C05": "32",
        "C06": f"{account:<17}   32",
        "C07": f"{routing_number}{account:<17}32",
    }
    return f"{layouts.get(code, ''):<29}"[:29]
