"""What the subcommands of ``iml`` do, each loaded only when it is asked for."""
