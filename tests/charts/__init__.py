"""Services whose behaviour is a chart."""
