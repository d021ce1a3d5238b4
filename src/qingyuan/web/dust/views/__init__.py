"""Pages of dust sources: the register, leads, rounds, departments."""
