"""The verbs: each module reads aloud as the way of the data from file to file."""
