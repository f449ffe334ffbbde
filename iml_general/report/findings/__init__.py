"""What runs found, as data: nothing here composes a sentence."""
