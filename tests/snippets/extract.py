# SPDX-License-Identifier: Apache-2.0
"""Finds the C++ examples of pages and of docstrings, and turns their comments into checks."""

import dataclasses
import pathlib
import re

COMMENT = re.compile(r"^(?P<code>(?:[^\"/]|\"(?:[^\"\\]|\\.)*\"|/(?!/))*)//\s*(?P<text>.*?)\s*$")
COMPARISON = re.compile(r"^(?:(?! (?:==|!=|<=|>=|<|>) ).)+ (?:==|!=|<=|>=|<|>) \S.*$")


@dataclasses.dataclass
class Snippet:
    file: pathlib.Path
    line: int  # of the first line of the code
    text: str
    declarations: bool = False  # stands at namespace scope
    given: str = ""             # what the reader is assumed to have
    output: str | None = None   # what a program prints

    @property
    def program(self):
        return re.search(r"\bint main\(", self.text) is not None


class BadPage(Exception):
    pass


def expectations(text):
    """The comparisons that a comment states, or none if it is prose: `a == 1, f(b, c) >= 2`."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts if all(COMPARISON.match(part) for part in parts) else []


def with_checks(code):
    """The code with each comment that states comparisons replaced by checks of them."""
    lines, count = [], 0
    for line in code.split("\n"):
        comment = COMMENT.match(line)
        wanted = expectations(comment["text"]) if comment else []
        if wanted:
            count += len(wanted)
            line = comment["code"] + " ".join(f"SNIPPET_CHECK(({one}));" for one in wanted)
        lines.append(line)
    return "\n".join(lines), count


def from_page(path):
    """Every fence of the language cpp, with what the hidden comment before it says."""
    snippets, hidden = [], ""
    lines = path.read_text(encoding="utf-8").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("<!--"):
            end = at
            while "-->" not in lines[end]:
                end += 1
            hidden = "\n".join(lines[at:end + 1])[4:].rsplit("-->", 1)[0].strip()
            at = end + 1
            continue
        if line.startswith("```"):
            language, start = line[3:].strip(), at + 1
            at = start
            while at < len(lines) and not lines[at].startswith("```"):
                at += 1
            text = "\n".join(lines[start:at])
            if language == "cpp":
                snippets.append(Snippet(path, start + 1, text, hidden == "declarations",
                                        given_of(path, start, hidden)))
            elif hidden == "output":
                if not snippets or not snippets[-1].program:
                    raise BadPage(f"{path}:{start}: output without a program before it")
                snippets[-1].output = text + "\n"
            elif language in ("c++", "cxx", "C++"):
                raise BadPage(f"{path}:{start}: call the language cpp, so that it is compiled")
            hidden = ""
        elif line.strip():
            hidden = ""
        at += 1
    return snippets


def given_of(path, line, hidden):
    if hidden.startswith("given:"):
        return hidden[len("given:"):].strip()
    if hidden not in ("", "declarations"):
        raise BadPage(f"{path}:{line}: a hidden comment before code is `declarations`, "
                      f"`given: code` or `output`, not \"{hidden}\"")
    return ""


def from_header(path):
    """Every example of a docstring: a fence of the language cpp, or \\code to \\endcode."""
    snippets, inside, start = [], None, 0
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        docstring = re.match(r"\s*///(?: (.*)|)$", line)
        text = (docstring[1] or "") if docstring else None
        if inside is None:
            if text is not None and text.strip() in ("```cpp", "\\code"):
                inside, start = [], number + 1
        elif text is None:
            raise BadPage(f"{path}:{start}: the example does not end")
        elif text.strip() in ("```", "\\endcode"):
            snippets.append(Snippet(path, start, "\n".join(inside)))
            inside = None
        else:
            inside.append(text)
    return snippets


def all_snippets(root):
    """What the project shows its users: the front page, the guide, the public headers."""
    snippets = from_page(root / "README.md")
    for path in sorted((root / "include" / "twill").glob("*.md")):
        snippets += from_page(path)
    for folder in ("include/twill", "include/twill/experimental"):
        for path in sorted((root / folder).glob("*.hpp")):
            snippets += from_header(path)
    return snippets
