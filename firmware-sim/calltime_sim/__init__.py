"""What stands in for the hardware and the town that are not there? Chips and scanners on ptys, real services, and a day of care."""
