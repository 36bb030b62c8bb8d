"""Draw the logo once more: app/static/{logo.svg, mark.svg, icon.png}. Standard library only; run it after a change.

The mark is nine dots that gather weight towards one corner: many rows, one mass, one answer.
"""

import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "app/static"
ACCENT, ACCENT_DARK, INK, INK_DARK = "#0f766e", "#2dd4bf", "#17202a", "#e6edf0"
BOX = 28.0
#: Centres of the three rows and columns, and the radius of a dot by how far along the diagonal it lies.
CENTRES = (5.0, 13.6, 22.6)
RADII = (1.4, 2.1, 2.9, 3.7, 4.6)
DOTS = tuple((CENTRES[i], CENTRES[j], RADII[i + j]) for j in range(3) for i in range(3))
ICON_SIDE, SAMPLES = 192, 4
#: "AI Mass" in Inter semibold (SIL Open Font License 1.1), as outlines: an image cannot use the page's fonts.
WORD = (
    "M0.46 0 5.24 -13.82H8.62L13.51 0H10.62L8.26 -6.97Q7.89 -8.16 7.49 -9.62Q7.09 -11.07 6.62 -12.88H7.18"
    "Q6.73 -11.06 6.35 -9.6Q5.97 -8.13 5.61 -6.97L3.33 0ZM3.33 -3.34V-5.42H10.64V-3.34ZM17.7 -13.82V0H15."
    "08V-13.82ZM24.58 0V-13.82H28.56L31.03 -7Q31.16 -6.59 31.34 -5.93Q31.51 -5.27 31.7 -4.51Q31.88 -3.75 "
    "32.04 -3.03Q32.2 -2.31 32.31 -1.76H31.79Q31.9 -2.29 32.06 -3.01Q32.22 -3.73 32.41 -4.49Q32.59 -5.25 "
    "32.77 -5.92Q32.94 -6.58 33.08 -7L35.52 -13.82H39.5V0H36.88V-6.79Q36.88 -7.24 36.9 -7.89Q36.91 -8.54 "
    "36.93 -9.29Q36.95 -10.03 36.97 -10.8Q36.99 -11.56 36.99 -12.23H37.17Q36.98 -11.49 36.77 -10.7Q36.55 "
    "-9.91 36.34 -9.17Q36.12 -8.43 35.93 -7.82Q35.74 -7.2 35.6 -6.79L33.15 0H30.93L28.45 -6.79Q28.31 -7.1"
    "9 28.12 -7.8Q27.93 -8.41 27.71 -9.15Q27.49 -9.88 27.27 -10.68Q27.05 -11.47 26.84 -12.23H27.05Q27.06 "
    "-11.59 27.08 -10.84Q27.1 -10.09 27.12 -9.34Q27.13 -8.58 27.15 -7.92Q27.16 -7.26 27.16 -6.79V0ZM44.75"
    " 0.21Q43.77 0.21 42.98 -0.14Q42.19 -0.5 41.74 -1.19Q41.29 -1.89 41.29 -2.91Q41.29 -3.78 41.61 -4.36Q"
    "41.94 -4.94 42.5 -5.29Q43.06 -5.63 43.76 -5.81Q44.46 -5.99 45.22 -6.07Q46.13 -6.17 46.69 -6.24Q47.24"
    " -6.32 47.51 -6.49Q47.77 -6.66 47.77 -7V-7.05Q47.77 -7.53 47.57 -7.87Q47.37 -8.21 46.99 -8.38Q46.6 -"
    "8.56 46.03 -8.56Q45.46 -8.56 45.03 -8.39Q44.61 -8.21 44.34 -7.93Q44.07 -7.64 43.95 -7.3L41.58 -7.74Q"
    "41.88 -8.66 42.51 -9.27Q43.14 -9.88 44.04 -10.19Q44.95 -10.5 46.03 -10.5Q46.8 -10.5 47.57 -10.32Q48."
    "33 -10.14 48.95 -9.72Q49.58 -9.31 49.95 -8.63Q50.33 -7.95 50.33 -6.95V0H47.89V-1.43H47.79Q47.56 -0.9"
    "8 47.15 -0.6Q46.73 -0.23 46.14 -0.01Q45.55 0.21 44.75 0.21ZM45.44 -1.65Q46.15 -1.65 46.68 -1.93Q47.2"
    " -2.21 47.49 -2.68Q47.79 -3.15 47.79 -3.72V-4.9Q47.66 -4.81 47.4 -4.73Q47.13 -4.65 46.8 -4.59Q46.46 "
    "-4.53 46.14 -4.48Q45.82 -4.44 45.59 -4.4Q45.06 -4.33 44.64 -4.16Q44.23 -4 43.99 -3.7Q43.76 -3.41 43."
    "76 -2.96Q43.76 -2.53 43.97 -2.24Q44.19 -1.95 44.57 -1.8Q44.95 -1.65 45.44 -1.65ZM56.59 0.21Q55.37 0."
    "21 54.43 -0.14Q53.49 -0.49 52.9 -1.16Q52.3 -1.82 52.12 -2.77L54.51 -3.2Q54.72 -2.45 55.25 -2.08Q55.7"
    "8 -1.72 56.65 -1.72Q57.5 -1.72 58 -2.05Q58.5 -2.39 58.5 -2.89Q58.5 -3.32 58.16 -3.6Q57.82 -3.88 57.1"
    "2 -4.03L55.35 -4.4Q53.86 -4.72 53.13 -5.45Q52.4 -6.17 52.4 -7.33Q52.4 -8.3 52.94 -9.01Q53.47 -9.72 5"
    "4.43 -10.11Q55.38 -10.5 56.65 -10.5Q57.85 -10.5 58.72 -10.17Q59.59 -9.83 60.13 -9.22Q60.66 -8.62 60."
    "86 -7.79L58.59 -7.36Q58.41 -7.9 57.95 -8.26Q57.5 -8.62 56.69 -8.62Q55.95 -8.62 55.46 -8.31Q54.97 -7."
    "99 54.97 -7.48Q54.97 -7.05 55.29 -6.77Q55.61 -6.48 56.38 -6.32L58.18 -5.94Q59.67 -5.63 60.39 -4.94Q6"
    "1.12 -4.25 61.12 -3.14Q61.12 -2.15 60.54 -1.39Q59.96 -0.64 58.94 -0.22Q57.92 0.21 56.59 0.21ZM66.88 "
    "0.21Q65.66 0.21 64.72 -0.14Q63.79 -0.49 63.19 -1.16Q62.59 -1.82 62.41 -2.77L64.8 -3.2Q65.01 -2.45 65"
    ".54 -2.08Q66.07 -1.72 66.94 -1.72Q67.79 -1.72 68.29 -2.05Q68.79 -2.39 68.79 -2.89Q68.79 -3.32 68.45 "
    "-3.6Q68.11 -3.88 67.41 -4.03L65.64 -4.4Q64.16 -4.72 63.43 -5.45Q62.7 -6.17 62.7 -7.33Q62.7 -8.3 63.2"
    "3 -9.01Q63.77 -9.72 64.72 -10.11Q65.68 -10.5 66.94 -10.5Q68.14 -10.5 69.01 -10.17Q69.88 -9.83 70.42 "
    "-9.22Q70.96 -8.62 71.16 -7.79L68.88 -7.36Q68.7 -7.9 68.25 -8.26Q67.79 -8.62 66.98 -8.62Q66.25 -8.62 "
    "65.75 -8.31Q65.26 -7.99 65.26 -7.48Q65.26 -7.05 65.58 -6.77Q65.9 -6.48 66.67 -6.32L68.48 -5.94Q69.96"
    " -5.63 70.69 -4.94Q71.41 -4.25 71.41 -3.14Q71.41 -2.15 70.83 -1.39Q70.25 -0.64 69.23 -0.22Q68.21 0.2"
    "1 66.88 0.21Z"
)


def mark_circles() -> str:
    return "".join(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}"/>' for x, y, r in DOTS)


def svg(width: float, body: str) -> str:
    style = (
        f"<style>.m{{fill:{ACCENT}}}.w{{fill:{INK}}}"
        f"@media (prefers-color-scheme:dark){{.m{{fill:{ACCENT_DARK}}}.w{{fill:{INK_DARK}}}}}</style>"
    )
    size = f'width="{width:g}" height="{BOX:g}" viewBox="0 0 {width:g} {BOX:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{body}</svg>\n'


def icon() -> bytes:
    """Return a PNG: white dots on a rounded tile of the accent, drawn by counting samples inside each shape."""
    accent = tuple(int(ACCENT[i : i + 2], 16) for i in (1, 3, 5))
    rows = []
    for y in range(ICON_SIDE):
        row = bytearray([0])
        for x in range(ICON_SIDE):
            tile = dots = 0
            for k in range(SAMPLES * SAMPLES):
                px = (x + (k % SAMPLES + 0.5) / SAMPLES) / ICON_SIDE
                py = (y + (k // SAMPLES + 0.5) / SAMPLES) / ICON_SIDE
                if in_tile(px, py):
                    tile += 1
                    dots += in_dot(px, py)
            share = dots / tile if tile else 0.0
            row += bytes(round(c + (255 - c) * share) for c in accent)
            row.append(round(255 * tile / SAMPLES**2))
        rows.append(bytes(row))
    header = struct.pack(">IIBBBBB", ICON_SIDE, ICON_SIDE, 8, 6, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in chunks)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def in_tile(x: float, y: float, radius: float = 0.24) -> bool:
    dx, dy = max(radius - x, x - (1 - radius), 0.0), max(radius - y, y - (1 - radius), 0.0)
    return dx * dx + dy * dy <= radius * radius


def in_dot(x: float, y: float, margin: float = 0.15) -> bool:
    px, py = (BOX * (v - margin) / (1 - 2 * margin) for v in (x, y))
    return any((px - cx) ** 2 + (py - cy) ** 2 <= r * r for cx, cy, r in DOTS)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    mark = f'<g class="m">{mark_circles()}</g>'
    word = f'<path class="w" transform="translate(38 20.9)" d="{WORD}"/>'
    (FOLDER / "logo.svg").write_text(svg(112, mark + word), encoding="utf-8")
    (FOLDER / "mark.svg").write_text(svg(BOX, mark), encoding="utf-8")
    (FOLDER / "icon.png").write_bytes(icon())
