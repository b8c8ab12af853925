"""Which addresses are of the public internet: what we send at a customer's word must stay out of our own network.

RFC 6890 and the IANA registries of special-purpose addresses, as Python's ipaddress knows them.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# IPv6 forms that carry an IPv4 address a gateway would deliver to: NAT64 (RFC 6052) and IPv4-compatible (RFC 4291)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


def is_public(text: str) -> bool:
    """Whether an address is global unicast, also the IPv4 address inside an IPv6 one. ValueError when it is none."""
    address = ip_address(text)
    inner = _inside(address)
    return _is_global(address) if inner is None else _is_global(inner)


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved
