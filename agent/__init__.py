"""One turn of conversation: from a question to an answer that can be checked."""
