"""Measure implicit meta-learning in any learner."""
