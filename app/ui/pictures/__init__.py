"""What pages show of a set of pictures: sheets of small ones, what was measured of them, the desk to label them at."""
