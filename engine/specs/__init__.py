"""What to do, as frozen JSON: nouns every other room shares. Standard library only."""
