"""The generic reader: a file of any acquirer, whose columns the owner names once."""
