"""Which files are receipts: told by their first and last bytes, never by what the sender calls them."""

from domain.errors import InvalidInput

PDF, PNG, JPEG, WEBP, HEIC = "application/pdf", "image/png", "image/jpeg", "image/webp", "image/heic"
MEDIA_TYPES = (PDF, PNG, JPEG, WEBP, HEIC)
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg", WEBP: "webp", HEIC: "heic"}

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
# PDF readers look for the end mark in the last kilobyte, and so do we: what lacks it was cut off
_PDF_TAIL = 1024


def sniffed(content: bytes) -> str | None:
    """The media type that the bytes are, or None. PDF, PNG and WebP must be there to their end."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_PDF_TAIL:]:
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content[-12:]:
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP if len(content) >= 8 + int.from_bytes(content[4:8], "little") else None
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    return None


def media_type_of(content: bytes, declared: str) -> str:
    """The type of an uploaded file. Raises InvalidInput for what is no receipt, or is not what it is called."""
    found = sniffed(content)
    if found is None:
        raise InvalidInput(
            "Content-Type", "A receipt is a whole PDF, PNG, JPEG, WebP or HEIC file.", code="receipt_type_unsupported"
        )
    if declared != found:
        raise InvalidInput(
            "Content-Type", "The file is not of the type that its Content-Type says.", code="receipt_type_mismatch"
        )
    return found
