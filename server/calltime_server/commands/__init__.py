"""What do the commands of calltime-server do? One file a kind of work; `cli` only reads the words."""
