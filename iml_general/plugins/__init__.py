"""Learners, worlds and presets from anywhere: how they are found, checked and begun."""
