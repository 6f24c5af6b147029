"""Public motion data sets in the form in which they are handed out, for whoever holds them; none comes with the studio.

``cameras`` reads sets in which people were filmed (EMDB, RICH, 3DPW, AIST++'s views), ``clips`` those of motion with
words or music (AIST++, HumanML3D, Motion-X). Files are read as what they may be: damaged, hostile, or of another form.
"""
