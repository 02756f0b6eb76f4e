"""Values of data reach a terminal as text: no colours, titles, clipboard writes or turned directions."""

from __future__ import annotations

from api.commands.render import inert, plain


def test_control_characters_of_data_are_shown_not_obeyed() -> None:
    for hostile in ("\x1b[31mred\x1b[0m", "\x1b]52;c;ZXZpbA==\x07", "\x9b2J", "a\rb", "\u202egnp", "\x7f"):
        shown = plain(hostile)
        assert "\ufffd" in shown and not any(c in shown for c in "\x1b\x07\x9b\r\u202e\x7f")
    assert inert("two\nlines\tKöln – 5 €") == "two\nlines\tKöln – 5 €"
