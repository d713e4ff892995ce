"""What may be done with people: contacts and consent, and the staff's comings and goings."""
