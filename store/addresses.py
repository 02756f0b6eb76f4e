"""Which addresses are of the open internet: one answer for all that reaches out, webhooks and connectors alike."""

from __future__ import annotations

import ipaddress


def public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when it hides inside an IPv6 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip in ipaddress.ip_network("::/96") or any(v4 is not None and not v4.is_global for v4 in inner):
            return False
    return ip.is_global and not ip.is_multicast


def listed(pairs: str) -> frozenset[str]:
    """The host:port pairs of a setting, which may be reached although they are private."""
    return frozenset(part.strip().lower() for part in pairs.split(",") if part.strip())
