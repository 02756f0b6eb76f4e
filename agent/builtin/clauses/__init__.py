"""Questions with clauses inside clauses, read by a small grammar whose every word must be accounted for."""
