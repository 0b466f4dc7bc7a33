"""Plots as SVG that can be read on light and dark paper: lines over a few places, and bars."""
import html
import math

STYLE = """
    .page { fill: #ffffff; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .axis { stroke: #57606a; stroke-width: 1.2; }
    text { fill: #1f2328; }
    .soft { fill: #57606a; }
    .bold { font-weight: 600; }
    .mid { text-anchor: middle; }
    .end { text-anchor: end; }
    .line { fill: none; stroke-width: 2.2; }
    .limit { stroke-dasharray: 6 4; }
    .s0 { stroke: #0b5cad; } .f0 { fill: #0b5cad; }
    .s1 { stroke: #b3470e; } .f1 { fill: #b3470e; }
    .s2 { stroke: #1a7f4b; } .f2 { fill: #1a7f4b; }
    .s3 { stroke: #6e40c9; } .f3 { fill: #6e40c9; }
    .s9 { stroke: #57606a; } .f9 { fill: #57606a; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      .grid { stroke: #30363d; }
      .axis { stroke: #9da7b3; }
      text { fill: #e6edf3; }
      .soft { fill: #9da7b3; }
      .s0 { stroke: #6cb6ff; } .f0 { fill: #6cb6ff; }
      .s1 { stroke: #ff9a57; } .f1 { fill: #ff9a57; }
      .s2 { stroke: #4ac98a; } .f2 { fill: #4ac98a; }
      .s3 { stroke: #b392f0; } .f3 { fill: #b392f0; }
      .s9 { stroke: #9da7b3; } .f9 { fill: #9da7b3; }
    }
"""


def short(value):
    """A number as a tick or label says it."""
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1e4:
        return f"{value / 1e3:.3g} k"
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


class Scale:
    """Values to heights. A logarithmic one has a place for 0 below its first tick."""

    def __init__(self, top, logarithmic, bottom=1):
        self.logarithmic = logarithmic
        if logarithmic:
            self.low, self.high = bottom, 10 ** math.ceil(math.log10(max(top, bottom * 10)))
            count = round(math.log10(self.high / self.low))
            self.ticks = [self.low * 10 ** i for i in range(count + 1)]
        else:
            step = 10 ** math.floor(math.log10(top))
            step = next(s for s in (step / 5, step / 2, step, 2 * step) if top / s <= 6)
            self.high = step * math.ceil(top / step)
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def part(self, value):
        """0 at the bottom, 1 at the top."""
        if not self.logarithmic:
            return value / self.high
        if value <= 0:
            return 0
        decades = math.log10(self.high / self.low)
        above = math.log10(max(value, self.low) / self.low) / decades
        return 0.08 + 0.92 * above


class Panel:
    """A rectangle of the picture with its own plot."""

    def __init__(self, picture, box, scale, shows_ticks=True):
        self.picture, self.scale = picture, scale
        self.x, self.y, self.width, self.height = box
        self.drawn = []  # of label texts: heights that are taken
        for tick in scale.ticks + ([0] if scale.logarithmic else []):
            at = self.at(tick)
            picture.add(f'<path class="grid" d="M{self.x} {at:.1f}H{self.x + self.width}"/>')
            if shows_ticks:
                picture.text(self.x - 8, at + 4, short(tick), "soft end")

    def at(self, value):
        return self.y + self.height * (1 - self.scale.part(value))

    def place(self, i, count):
        return self.x + self.width * (i + 0.5) / count

    def title(self, text, css="bold"):
        self.picture.text(self.x, self.y - 12, text, css)

    def places(self, names):
        for i, name in enumerate(names):
            self.picture.text(self.place(i, len(names)), self.y + self.height + 18, name,
                              "soft mid")

    def line(self, values, style, name="", is_limit=False):
        """`values` by place, None where there is none; `name` stands beside the last."""
        points = [(self.place(i, len(values)), self.at(v)) for i, v in enumerate(values)
                  if v is not None]
        if not points:
            return
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        kind = " limit" if is_limit else ""
        self.picture.add(f'<path class="line s{style}{kind}" d="{path}"/>')
        if not is_limit:
            for x, y in points:
                self.picture.add(f'<circle class="f{style}" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>')
        if name:
            y = points[-1][1]
            while any(abs(y - other) < 15 for other in self.drawn):
                y += 3
            self.drawn.append(y)
            self.picture.text(self.x + self.width + 8, y + 4, name, f"f{style}")

    def bars(self, bars):
        """(name, value, style) each, with the value on top."""
        width = min(56, self.width / len(bars) * 0.62)
        for i, (name, value, style) in enumerate(bars):
            x, top = self.place(i, len(bars)), self.at(value)
            self.picture.add(f'<rect class="f{style}" x="{x - width / 2:.1f}" y="{top:.1f}" '
                             f'width="{width:.1f}" height="{self.y + self.height - top:.1f}"/>')
            self.picture.text(x, top - 6, short(value), "mid")
            for n, part in enumerate(name.split("\n")):
                self.picture.text(x, self.y + self.height + 18 + 15 * n, part, "soft mid")


class Picture:
    def __init__(self, width, height, title, description):
        self.width, self.height = width, height
        self.title, self.description = title, description
        self.parts = []

    def add(self, part):
        self.parts.append(part)

    def text(self, x, y, text, css=""):
        kind = f' class="{css}"' if css else ""
        self.add(f'<text{kind} x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>')

    def svg(self):
        body = "\n  ".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                'role="img" aria-labelledby="t d"\n'
                '     font-family="system-ui, sans-serif" font-size="13">\n'
                f'  <title id="t">{html.escape(self.title)}</title>\n'
                f'  <desc id="d">{html.escape(self.description)}</desc>\n'
                f"  <style>{STYLE}  </style>\n"
                f'  <rect class="page" width="{self.width}" height="{self.height}"/>\n'
                f"  {body}\n</svg>\n")
