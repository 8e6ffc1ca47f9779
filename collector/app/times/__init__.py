"""What speaks about more than one moment: differences, periods, judging again."""
