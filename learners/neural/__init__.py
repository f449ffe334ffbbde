"""Networks, trained by gradient steps."""
