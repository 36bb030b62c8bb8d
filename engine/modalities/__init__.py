"""What data is: one room per kind, and the catalogue of them. Rooms are loaded by name: a plane needs no tables."""
