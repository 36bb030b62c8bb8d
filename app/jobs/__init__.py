"""Background work: kinds of job, who runs when, and the one child process that each attempt is."""
