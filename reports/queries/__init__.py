"""The numbers of the reports and the rows behind them."""
