"""The repository as the rules see it: files by path, C++ with comments and texts blanked."""
import functools
import pathlib
import re
import subprocess

SKIPPED_FOLDERS = {".git", "build", "data", "node_modules", "__pycache__"}
TEXT_SUFFIXES = {".svg", ".h", ".cpp",
                 ".def", ".py", ".md", ".txt", ".cmake", ".json", ".sh", ".toml",
                 ".yml", ".yaml", ".ts", ".tsx", ".css", ".html", ".scenario", ".sql", ".conf", ""}


class Finding:
    def __init__(self, path, line, text):
        self.path, self.line, self.text = path, line, text

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """Files by their path relative to the repository; folders are what they stand in."""

    def __init__(self, files):
        self.files = files

    @staticmethod
    def read(root):
        """Every file that git would take and a rule reads; all of them where there is no git."""
        root = pathlib.Path(root)
        done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
                              capture_output=True, check=False)
        if done.returncode == 0:
            names = [name for name in done.stdout.decode().split("\0") if name]
        else:
            names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
        files = {}
        for name in sorted(set(names)):
            path = root / name
            if SKIPPED_FOLDERS & set(pathlib.PurePath(name).parts) or not path.is_file():
                continue
            # Inputs that are wrong on purpose, and pictures, are linked to and not read.
            if name.startswith("tests/corpus/") or path.suffix == ".png":
                files[name] = ""
            elif path.suffix in TEXT_SUFFIXES:
                files[name] = path.read_bytes().decode("utf-8", errors="replace")
        return Tree(files)

    def paths(self, *patterns):
        return [p for p in self.files if any(re.fullmatch(pattern, p) for pattern in patterns)]

    def cpp(self, tests=True):
        """Our C++ files; without tests only what the program itself is made of."""
        found = self.paths(r"(src|tests|bench)/.*\.(h|cpp)")
        return found if tests else [p for p in found if not self.is_test(p)]

    def is_test(self, path, seen=frozenset()):
        """Is it tests', benchmarks' or fuzz targets' alone? A header is if only such include it."""
        if not path.startswith("src/") or re.search(r"_(test|bench|fuzz)\.cpp$", path):
            return True
        users = self.users().get(path, set()) - seen
        return path.endswith(".h") and bool(users) and all(
            self.is_test(user, seen | {path}) for user in users)

    @functools.lru_cache(maxsize=None)
    def users(self):
        """Header -> the files that include it."""
        users = {}
        for path in self.cpp():
            for _, name, quoted in self.includes(path):
                if quoted:
                    users.setdefault(f"src/{name}", set()).add(path)
        return users

    def lines(self, path):
        return list(enumerate(self.files[path].splitlines(), 1))

    def code(self, path):
        """The text of a C++ file with comments and literals blanked, line for line."""
        return blank(self.files[path])

    def code_lines(self, path):
        return list(enumerate(self.code(path).splitlines(), 1))

    def includes(self, path):
        """(line, name, quoted) of each include."""
        for number, line in self.lines(path):
            match = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
            if match:
                yield number, match.group(1) or match.group(2), match.group(1) is not None

    def modules(self):
        """INTAGLIO_MODULES, bottom first."""
        match = re.search(r"set\(INTAGLIO_MODULES([^)]*)\)", self.files.get("CMakeLists.txt", ""))
        return match.group(1).split() if match else []


def module_of(path):
    """The module of a file below src; None elsewhere."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


LITERALS = re.compile(r"""
    //[^\n]* | /\*.*?\*/
  | R"(?P<raw>[^(\s\\]*)\(.*?\)(?P=raw)"
  | "(?:\\.|[^"\\\n])*"
  | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
""", re.VERBOSE | re.DOTALL)


@functools.lru_cache(maxsize=None)
def blank(text):
    def replaced(match):
        found = match.group(0)
        inner = "".join(c if c == "\n" else " " for c in found[1:-1])
        if found[0] in "\"'":
            return found[0] + inner + found[-1]
        return "".join(c if c == "\n" else " " for c in found)
    return LITERALS.sub(replaced, text)
