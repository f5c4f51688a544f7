"""The portal's rules, one small function each, with its id in the register (domain file section 5)."""
