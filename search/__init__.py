"""Search: documents, query understanding, two engines behind one interface; nothing below imports it."""
