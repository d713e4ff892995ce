"""Registration, proof of purchase, warranty terms, coverage and certificates."""
