"""Tables, sentences and figures, the same in every format."""
