"""How a run is carried out: tasks, searches, workers."""
