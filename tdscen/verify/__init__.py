"""What the coupling of a study costs: the same study serial, parallel and iterative, compared at its interfaces."""
