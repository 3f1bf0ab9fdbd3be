"""Import of a register from a file: read -> plan -> apply. The plan is shown to a person before anything is written."""
