"""Tables of registration and warranty."""

from warranty.models.digests import ReviewDigest
from warranty.models.ownership import HouseholdMember, UnitTransfer, WarrantyCertificate, WarrantyReminder
from warranty.models.registration import ReturnReason, WarrantyRegistration
from warranty.models.serials import SerialRule
from warranty.models.settings import WarrantySettings
from warranty.models.terms import PartGroup, WarrantyExtension, WarrantyTerm

__all__ = [
    "HouseholdMember",
    "PartGroup",
    "ReturnReason",
    "ReviewDigest",
    "SerialRule",
    "UnitTransfer",
    "WarrantyCertificate",
    "WarrantyExtension",
    "WarrantyRegistration",
    "WarrantyReminder",
    "WarrantySettings",
    "WarrantyTerm",
]
