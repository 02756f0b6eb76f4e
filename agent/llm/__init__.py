"""The model brain: any OpenAI-compatible model plans and words; tools, gate and receipts stay ours."""
