"""What the law and the code lists say: GSTINs, states, codes, amounts, dates. No input, no output."""
