"""The telephone: a carer without a device, at a home without a reader, calls from the home's own telephone and keys in her PIN."""
