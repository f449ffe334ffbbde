"""What a study is to do: plans, and what they mean."""
