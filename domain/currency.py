"""ISO 4217: which currency codes exist and how many decimal places each has."""

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_NO_DECIMAL_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMAL_PLACES = "BHD IQD JOD KWD LYD OMR TND"

_DECIMAL_PLACES = (
    dict.fromkeys(_CODES.split(), 2)
    | dict.fromkeys(_NO_DECIMAL_PLACES.split(), 0)
    | dict.fromkeys(_THREE_DECIMAL_PLACES.split(), 3)
)


def is_currency(code: str) -> bool:
    """Whether the three letters are an active ISO 4217 code of money in use."""
    return code in _DECIMAL_PLACES


def decimal_places(code: str) -> int:
    """How many decimal digits the currency's minor unit has. KeyError for a code that does not exist."""
    return _DECIMAL_PLACES[code]
