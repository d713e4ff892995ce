"""Tables of people: accounts and contacts, and what a member keeps here."""

from accounts.models.member import (
    AccountClosing,
    Address,
    DataExport,
    NoticeChoice,
    PrivacySettings,
    QuietHours,
    RetentionRun,
    UserSession,
    new_key,
)
from accounts.models.people import Consent, Contact, Role, StaffInvitation, User, UserManager, new_handle

__all__ = [
    "AccountClosing",
    "Address",
    "Consent",
    "Contact",
    "DataExport",
    "NoticeChoice",
    "PrivacySettings",
    "QuietHours",
    "RetentionRun",
    "Role",
    "StaffInvitation",
    "User",
    "UserManager",
    "UserSession",
    "new_handle",
    "new_key",
]
