"""What is true: entities (aliases), questions about them, and the answers."""
