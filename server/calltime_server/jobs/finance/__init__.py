"""What does the council's finance system get of a payment run? Files, each made by a pure function from the lines of the ledger."""
