"""Source text -> what the analysis needs of it: facts, without formatting and without positions."""
