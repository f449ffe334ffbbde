"""Forests, boosting and single trees."""
