"""Portal (门户): the first page after sign-in, and the search.

Room: the workbench's figures, what waits for this person, where each role lands; finding by word.
Knows: which selectors answer which figure.
Never knows: how anything is decided; every figure is another room's question.
Sources: product.md §2.1; requirements R011, R030.
"""
