"""What orders need: gross and net, what lies there, how urgent it is, and the lots."""
