"""What the program is built on: distributions, their licences, and rules that a test holds them to."""
