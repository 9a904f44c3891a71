"""Does a fix help? Arms of one program, run and measured in turn."""
