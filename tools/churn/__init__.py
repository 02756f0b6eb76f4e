"""Who is about to leave: learnt from earlier days, tested on a later one, told as a probability with its reasons."""
