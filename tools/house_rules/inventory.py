"""What must stand together: a verdict and its hundred, a fuzz target and its corpus, ..."""
import posixpath
import re

from house_rules.layers import DEPENDENCIES
from house_rules.rule import ALL, rule
from house_rules.tree import Finding

TABLE = "src/base/verdicts.def"
VERDICT = re.compile(r"VERDICT\(\s*(\d+),\s*(\w+),\s*(\w+),\s*(\d+),")


def read_verdicts(tree):
    text = tree.files.get(TABLE, "")
    code = re.sub(r"//[^\n]*", lambda m: " " * len(m.group(0)), text)
    for match in VERDICT.finditer(code):
        line = text.count("\n", 0, match.start()) + 1
        yield line, int(match.group(1)), match.group(2), match.group(3), int(match.group(4))


@rule("verdicts", "numbers ascend and are never given again, names are unique, the kind fits the "
      "hundred, and the HTTP status fits the kind: receipts, exit codes and docs read this table",
      bad=[{TABLE: 'VERDICT(101, a, malformed, 400, "a")\nVERDICT(100, b, malformed, 400, "b")\n'},
           {TABLE: 'VERDICT(100, a, malformed, 400, "a")\nVERDICT(101, a, malformed, 400, "b")\n'},
           {TABLE: 'VERDICT(200, a, malformed, 400, "a")\n'},
           {TABLE: 'VERDICT(200, a, refused, 200, "a")\n'}],
      good={TABLE: 'VERDICT(0, a, accepted, 200, "a")\nVERDICT(900, b, later, 202,\n   "b")\n'})
def verdicts(tree):
    last, names = -1, set()
    for line, number, name, kind, status in read_verdicts(tree):
        hundred = number // 100
        fitting = {0: "accepted", 1: "malformed", 9: "later"}.get(hundred, "refused")
        if number <= last:
            yield Finding(TABLE, line, f"{number} after {last}")
        if name in names:
            yield Finding(TABLE, line, f"{name} stands twice")
        if kind != fitting:
            yield Finding(TABLE, line, f"{number} is {kind}, its hundred is {fitting}")
        if (status < 400) != (kind == "accepted" or status == 202):
            yield Finding(TABLE, line, f"{name} is {kind} and HTTP {status}")
        last, names = number, names | {name}


@rule("verdict-used", "a verdict that nothing answers is a promise nobody keeps; one never "
      "released may be taken out of the table",
      bad=[{TABLE: 'VERDICT(200, a, refused, 400, "a")\n', "src/tx/a.cpp": "// Verdict::a\n"}],
      good={TABLE: 'VERDICT(200, a, refused, 400, "a")\n',
            "src/tx/a.cpp": "return refuse(Verdict::a);\n"})
def verdict_used(tree):
    used = {name for path in tree.cpp(tests=False)
            for name in re.findall(r"\bVerdict::(\w+)", tree.code(path))}
    for line, _, name, _, _ in read_verdicts(tree):
        if name not in used:
            yield Finding(TABLE, line, f"nothing answers {name}")


@rule("corpus", "every fuzz target has seeds in tests/corpus/STEM that each test run replays; a "
      "corpus without a target is replayed by nobody",
      bad=[{"src/codec/a_fuzz.cpp": ""}, {"tests/corpus/a/1": ""},
           {"src/codec/a_fuzz.cpp": "", "src/pki/a_fuzz.cpp": "", "tests/corpus/a/1": "",
            "tests/corpus/a/2": "", "tests/corpus/a/3": ""},
           {"src/codec/a_fuzz.cpp": "", "tests/corpus/a/1": ""}],
      good={"src/codec/a_fuzz.cpp": "", "tests/corpus/a/1": "", "tests/corpus/a/2": "",
            "tests/corpus/a/3": ""})
def corpus(tree):
    targets = {}
    for path in tree.paths(r"src/.*_fuzz\.cpp"):
        stem = posixpath.basename(path).removesuffix("_fuzz.cpp")
        if stem in targets:
            yield Finding(path, 1, f"{targets[stem]} has the same stem and so the same corpus")
        targets[stem] = path
    seeds = {}
    for path in tree.paths(r"tests/corpus/[^/]+/.*"):
        seeds.setdefault(path.split("/")[2], []).append(path)
    for stem, path in targets.items():
        if len(seeds.get(stem, [])) < 3:
            yield Finding(path, 1, f"tests/corpus/{stem} has fewer than three inputs")
    for stem in sorted(set(seeds) - set(targets)):
        yield Finding(seeds[stem][0], 1, f"there is no {stem}_fuzz.cpp")


@rule("beside", "a test, benchmark or fuzz target is named after the file or folder it is about "
      "and stands beside it; what is about more than one module belongs to tests/ or bench/",
      bad=[{"src/codec/more_test.cpp": "", "src/codec/hex.h": ""}],
      good={"src/codec/hex_test.cpp": "", "src/codec/hex.h": "", "src/tx/pay/pay_test.cpp": "",
            "src/codec/hex_list_fuzz.cpp": ""})
def beside(tree):
    for path in tree.paths(r"src/.*_(test|bench|fuzz)\.cpp"):
        stem = re.sub(r"_(test|bench|fuzz)\.cpp$", "", path)
        folder, name = posixpath.split(stem)
        # One side of a subject is enough: es256_der_fuzz.cpp beside es256.h.
        subjects = [stem] + [stem[:at] for at, c in enumerate(stem) if c == "_"]
        if posixpath.basename(folder) != name and not any(
                s + ending in tree.files for s in subjects for ending in (".h", ".cpp")):
            yield Finding(path, 1, f"there is no {name}.h, {name}.cpp or folder {name} here")


@rule("link", "a link or path in the docs leads somewhere",
      bad=[{"docs/a.md": "see [b](b.md)\n"}, {"src/base/a.h": "// see docs/gone.md\n"},
           {"docs/a.md": "see `src/base/gone.h`\n"}],
      good={"docs/a.md": "[b](../src/base/a.h#x), `src/base/`, [c](https://example.org)\n",
            "src/base/a.h": "// see docs/a.md\n"})
def link(tree):
    folders = {posixpath.dirname(path) for path in tree.files}
    folders |= {posixpath.dirname(folder) for folder in folders}

    def there(target):
        target = target.rstrip("/")
        return target in tree.files or target in folders or \
            any(path.startswith(target) for path in tree.files if "decisions/" in target)

    for path in tree.paths(r".*\.md"):
        for line, text in tree.lines(path):
            for target in re.findall(r"\]\(([^)#\s]+)", text):
                if "://" in target or target.startswith("mailto:"):
                    continue
                if not there(posixpath.normpath(posixpath.join(posixpath.dirname(path), target))):
                    yield Finding(path, line, f"there is no {target}")
            for target in re.findall(r"`((?:src|docs|tests|tools|scripts)/[a-z0-9_/.-]+)`", text):
                if not there(target):
                    yield Finding(path, line, f"there is no {target}")
    for path in tree.paths(r"src/.*", r"cmake/.*", r"CMakeLists\.txt"):
        for line, text in tree.lines(path):
            for target in re.findall(r"\b(docs/[\w/.-]+\.md)\b", text):
                if not there(target):
                    yield Finding(path, line, f"there is no {target}")


STYLE = "docs/style.md"


@rule("told", "a rule that nobody can read about is a trap: docs/style.md names every rule of "
      "tools/tidy, and no other",
      bad=[{STYLE: "nothing\n"}, {STYLE: "`tidy: gone`\n"}],
      good={})
def told(tree):
    if STYLE not in tree.files:
        return
    named = re.findall(r"`tidy: ([\w-]+)`", tree.files[STYLE])
    for entry in ALL:
        if entry.name not in named:
            yield Finding(STYLE, 1, f"does not name the rule {entry.name}")
    for name in sorted(set(named) - {entry.name for entry in ALL}):
        yield Finding(STYLE, 1, f"tools/tidy has no rule {name}")


@rule("licence", "nothing GPL is linked: the program is Apache-2.0 and can be given to anybody",
      bad=[{DEPENDENCIES: "| Library | Includes | Where | Licence |\n|---|---|---|---|\n"
                          "| x | `x/` | base | GPL-3.0 |\n"}],
      good={DEPENDENCIES: "| Library | Includes | Where | Licence |\n|---|---|---|---|\n"
                          "| x | `x/` | base | LGPL-2.1-or-later, dynamic |\n"})
def licence(tree):
    for line, text in tree.lines(DEPENDENCIES) if DEPENDENCIES in tree.files else []:
        if text.startswith("|") and re.search(r"(?<!L)\bA?GPL", text):
            yield Finding(DEPENDENCIES, line, text.strip("| ").split("|")[0].strip())
