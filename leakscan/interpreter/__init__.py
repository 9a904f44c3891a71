"""What rules may ask of a project; knows LibCST, nothing of configuration or output."""
