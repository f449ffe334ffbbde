"""Learners whose effect is known beforehand: they show whether a study can be believed."""
