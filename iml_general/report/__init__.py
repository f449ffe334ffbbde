"""Reports: one `ComparisonReport` per run, and one module per kind of output made from it."""
