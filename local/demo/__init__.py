"""Demo people: who they are, what each of them shows, and how they came to be."""
