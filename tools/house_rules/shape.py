"""Limits that ask a question early: columns, functions, files."""
import ast
import re

from house_rules.rule import rule
from house_rules.tree import Finding

COLUMNS, FUNCTION_LINES, FILE_LINES = 100, 70, 600
WRITTEN = (r"(src|tests|bench)/.*\.(h|cpp|def)", r".*CMakeLists\.txt", r"cmake/.*", r"tools/.*",
           r"scripts/.*", r"(run|test|dev)", r"web/src/.*\.(ts|tsx|css)")


@rule("columns", f"{COLUMNS} columns: two files fit beside each other",
      bad=[{"src/base/a.h": "//" + "x" * COLUMNS + "\n"}],
      good={"src/base/a.h": "//" + "é" * (COLUMNS - 2) + "\n"})
def columns(tree):
    for path in tree.paths(*WRITTEN):
        for line, text in tree.lines(path):
            if len(text) > COLUMNS:
                yield Finding(path, line, f"{len(text)} columns")


@rule("file-length", f"a file of more than {FILE_LINES} lines has two subjects",
      bad=[{"src/base/a.h": "\n" * (FILE_LINES + 1)}],
      good={"src/base/a.h": "\n" * FILE_LINES})
def file_length(tree):
    for path in tree.paths(*WRITTEN):
        lines = tree.files[path].count("\n")
        if lines > FILE_LINES:
            yield Finding(path, FILE_LINES, f"{lines} lines")


@rule("pragma-once", "a header says #pragma once, the one way of guarding it",
      bad=[{"src/base/a.h": "#ifndef A_H\n"}],
      good={"src/base/a.h": "// Why.\n#pragma once\n"})
def pragma_once(tree):
    for path in tree.paths(r"(src|tests|bench)/.*\.h"):
        if not re.search(r"^#pragma once$", tree.files[path], re.MULTILINE):
            yield Finding(path, 1, "no #pragma once")


@rule("opening", "a file opens by saying what it is for: a header always, a tool always",
      bad=[{"src/base/a.h": "#pragma once\nint x;\n"}],
      good={"src/base/a.h": "// Bytes.\n#pragma once\n"})
def opening(tree):
    for path in tree.paths(r"src/.*\.(h|def)"):
        if not tree.files[path].startswith(("//", "/*")):
            yield Finding(path, 1, "the first line does not say what this file is for")


LONG = "{\n" + "  g();\n" * FUNCTION_LINES + "}\n"


@rule("function-length", f"a function of more than {FUNCTION_LINES} lines does two things",
      bad=[{"src/base/a.cpp": "namespace a {\nvoid f(int x) " + LONG + "}\n"},
           {"src/base/a.cpp": "struct A {\n  A() : x_{1}, y_(2) " + LONG + "};\n"},
           {"src/base/a.cpp": "auto f() -> std::set<int> " + LONG},
           {"src/base/a.cpp": "void f(T x) requires std::same_as<T, int> " + LONG},
           {"tools/a": "#!/usr/bin/env python3\ndef f():\n" + "    g()\n" * FUNCTION_LINES},
           {"scripts/a": "#!/usr/bin/env bash\nf() {\n" + "  g\n" * FUNCTION_LINES + "}\n"}],
      good={"src/base/a.cpp": "namespace a {\nclass B {\n" + "  int f() { return 1; }\n" * 80 +
            "};\nconst int k[] = {\n" + "  1,\n" * 80 + "};\n}\n"})
def function_length(tree):
    for path in tree.cpp():
        for first, last in cpp_functions(tree.code(path)):
            yield from judged(path, first, last)
    for path in tree.paths(r"(tools|scripts)/[^.]*", r"(tools|scripts)/.*\.(py|sh)"):
        text = tree.files[path]
        if path.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield from judged(path, node.lineno, node.end_lineno)
        else:
            for match in re.finditer(r"^\w+\(\) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
                first = text.count("\n", 0, match.start()) + 1
                yield from judged(path, first, first + match.group(0).count("\n"))


def judged(path, first, last):
    if last - first + 1 > FUNCTION_LINES:
        yield Finding(path, first, f"a function of {last - first + 1} lines")


def cpp_functions(code):
    """(first line, last line) of each outermost function, by following braces.

    `code` has comments and literals blanked. A lambda counts as lines of the function around it.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: "\n" * m.group(0).count("\n"), code,
                  flags=re.MULTILINE)
    scopes = []  # what each open brace opened
    head = 0     # where the text since the last ; { } of this scope begins
    start = 0
    for match in re.finditer(r"[{};]", code):
        at, char = match.start(), match.group(0)
        inside = next((s for s in scopes if s in ("function", "braces")), None)
        if char == "{":
            kind = inside or kind_of(code[head:at])
            if kind == "function" and not inside:
                start = head + len(code[head:at]) - len(code[head:at].lstrip())
            scopes.append(kind)
            if kind == "initialiser":
                continue  # of a constructor: its head goes on after the brace
        elif char == "}" and scopes:
            kind = scopes.pop()
            if kind == "initialiser":
                continue
            if kind == "function" and "function" not in scopes:
                yield code.count("\n", 0, start) + 1, code.count("\n", 0, at) + 1
        if not scopes or scopes[-1] != "initialiser":
            head = at + 1


def kind_of(head):
    """What a brace after this text opens, outside of any function."""
    head = head.strip()
    if re.search(r"\bnamespace\b[^()]*$", head) or re.fullmatch(r'extern\s+"\s*"', head):
        return "namespace"
    bare = re.sub(r"\b(template\s*<.*?>\s*(?=(class|struct|union|requires)\b)|alignas\([^)]*\)|"
                  r"requires\s*\(.*\))", "", head, flags=re.DOTALL)
    if re.search(r"\b(class|struct|union|enum)\b", bare) and "(" not in bare:
        return "namespace"
    if "(" not in head or re.search(r"=\s*$|=\s*[\w:<>, ]+$", head):
        return "braces"  # a table, or an initialised value
    if re.search(r"\)[^()]*(?<!:):(?!:).*[\w>]$", head, re.DOTALL):
        return "initialiser"
    return "function"
