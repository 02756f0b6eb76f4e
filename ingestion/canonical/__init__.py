"""The common picture: tables that mean the same whatever source their rows came from."""
