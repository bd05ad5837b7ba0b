#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The extractor itself: what it takes for code, for a check, and for a mistake."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import assemble  # noqa: E402
import extract  # noqa: E402


class Checks(unittest.TestCase):
    def test_comparisons_become_checks_on_the_same_line(self):
        code, count = extract.with_checks("int a = f();\n// a == 21, g(1, 2) >= 40.0\nint b = 1;")
        self.assertEqual(count, 2)
        self.assertEqual(code.split("\n")[1],
                         "SNIPPET_CHECK((a == 21)); SNIPPET_CHECK((g(1, 2) >= 40.0));")
        self.assertEqual(len(code.split("\n")), 3)

    def test_a_trailing_comment_is_checked_after_its_line(self):
        code, count = extract.with_checks('    use("a // b"); // n == 3')
        self.assertEqual((code, count), ('    use("a // b"); SNIPPET_CHECK((n == 3));', 1))

    def test_prose_stays_a_comment(self):
        for comment in ("// runs on another worker", "// a == 1, and then something else",
                        "// -> 3", 'url("http://x == y")'):
            self.assertEqual(extract.with_checks(comment), (comment, 0))


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def page(self, text, name="page.md"):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_fences_of_other_languages_are_left_alone(self):
        found = extract.from_page(self.page("```sh\nls\n```\n\ntext\n```cpp\nint a = 1;\n```\n"))
        self.assertEqual([(one.line, one.text) for one in found], [(7, "int a = 1;")])

    def test_hidden_comments(self):
        found = extract.from_page(self.page(
            "<!-- declarations -->\n```cpp\nint f();\n```\n"
            "<!-- given: int n = 3; -->\n```cpp\nuse(n);\n```\n"
            "```cpp\nint main() {}\n```\n\n<!-- output -->\n```text\nhello\n```\n"))
        self.assertEqual([one.declarations for one in found], [True, False, False])
        self.assertEqual(found[1].given, "int n = 3;")
        self.assertEqual(found[2].output, "hello\n")
        self.assertTrue(found[2].program)

    def test_mistakes_are_told(self):
        for text in ("<!-- declaration -->\n```cpp\nint a;\n```\n", "```c++\nint a;\n```\n",
                     "<!-- output -->\n```text\nhello\n```\n"):
            with self.assertRaises(extract.BadPage):
                extract.from_page(self.page(text))

    def test_docstrings(self):
        found = extract.from_header(self.page(
            "/// Does it.\n///\n/// ```cpp\n/// f();\n///\n/// g(); // a == 1\n/// ```\n"
            "void f();\n    /// \\code\n    /// h();\n    /// \\endcode\n", "one.hpp"))
        self.assertEqual([(one.line, one.text) for one in found],
                         [(4, "f();\n\ng(); // a == 1"), (10, "h();")])

    def test_fragments_keep_their_place(self):
        path = self.page("```cpp\n#include <set>\nint a = 1; // a == 1\n```\n")
        source, checks = assemble.fragments(extract.from_page(path), path.parent)
        self.assertEqual(checks, 1)
        self.assertIn(f'#line 2 "{path}"\n\nint a = 1; SNIPPET_CHECK((a == 1));', source)
        self.assertLess(source.index("#include <set>"), source.index("namespace"))
        self.assertIn('snippets::run("page.md:2", page_page_md::snippet_2);', source)


if __name__ == "__main__":
    unittest.main()
