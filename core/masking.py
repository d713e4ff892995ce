"""Addresses as they may be shown: enough to recognise one's own, not enough to learn somebody else's."""


def masked_phone(number: object) -> str:
    """Return a phone number with its middle hidden: `138****8000`; other countries keep the prefix and the last two digits."""
    text = str(number or "")
    digits = "".join(ch for ch in text if ch.isdigit())
    if not digits:
        return ""
    if text.startswith("+86") and len(digits) == 13:
        digits = digits[2:]
        return f"{digits[:3]}****{digits[-4:]}"
    if text.startswith("+") and len(digits) > 6:
        return f"+{digits[:3]}****{digits[-2:]}"
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) > 4 else "****"


def masked_email(address: str) -> str:
    """Return an e-mail address with most of the name hidden: `l***@example.com`."""
    name, at, domain = (address or "").partition("@")
    if not at or not name:
        return ""
    return f"{name[0]}***@{domain}"


def masked_address(address: object) -> str:
    """Mask a phone number or an e-mail address, whichever it is."""
    text = str(address or "")
    return masked_email(text) if "@" in text else masked_phone(text)
