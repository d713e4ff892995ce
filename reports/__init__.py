"""Figures for managers: what each one means, the numbers, and the rows behind every number."""
