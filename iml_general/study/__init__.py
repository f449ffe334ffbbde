"""Studies: a validated plan, the units of work in it, and Optuna as the engine that runs them."""
