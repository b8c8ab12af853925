"""Small files of each kind that a receipt may be, and some that are none."""

import struct
import zlib


def pdf(text: str = "One train ticket") -> bytes:
    """A PDF that holds this text."""
    return f"%PDF-1.4\n1 0 obj<</Contents({text})>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def png(grey: int = 128) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes([0, grey]))) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """The beginning of a photograph."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100) + b"\xff\xd9"


def webp() -> bytes:
    """A WebP container."""
    body = b"WEBPVP8L" + bytes(40)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def heic() -> bytes:
    """The beginning of a telephone's photograph."""
    return struct.pack(">I", 24) + b"ftypheic" + bytes(12)
