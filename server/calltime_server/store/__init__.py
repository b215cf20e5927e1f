"""What does the office ask of the database? The only SQL of the server; each statement beside the function that runs it."""
