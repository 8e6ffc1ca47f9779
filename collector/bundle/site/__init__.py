"""The pages of a bundle: HTML without scripts, made to be read on a screen, on a telephone and on paper."""
