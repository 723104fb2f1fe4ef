"""Ships: which may fly what, which flies which lot, where idle ones wait."""
