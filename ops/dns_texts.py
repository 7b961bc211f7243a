"""TXT records, by the name servers this computer uses."""

from ops.stage import Trouble

SECONDS = 5


def look_up(name: str) -> list[str]:
    """The name's TXT records, [] when there are none. Raises Trouble when nobody can be asked."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError as error:
        raise Trouble("dnspython is not installed here; run make setup") from error
    try:
        answer = dns.resolver.resolve(f"{name}.", "TXT", lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise Trouble(f"no name server told the TXT records of {name}") from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]
