"""What happens at the door? A reader sees something, a signed record of it is made safe, and only then does the door confirm."""
