"""Files (文件): evidence as it was taken, and the copy that may be shown.

Room: originals kept with their SM3 digest, display copies without metadata, what may be stored.
Knows: types by opening, sizes, capture time and place.
Never knows: which case a file proves, or who may see that case (the owner's selector says).
Sources: product.md §7.5; GB/T 32905-2016 (SM3); requirements R008, R019.
"""
