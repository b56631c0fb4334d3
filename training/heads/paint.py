"""The painter: triangles with light, drawn by OpenGL (Mesa on the CPU will do), RGB and coverage."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import moderngl
import numpy as np

from reenact.types import Array, Image
from training.heads.piece import COLUMNS

VERTEX = """
#version 330
in vec3 place; in vec3 normal; in vec3 rest; in vec2 at; in vec4 albedo; in vec4 light; in vec3 look; in float stuff;
uniform vec2 size; uniform vec2 depth;
out vec3 n; out vec3 r; out vec2 uv; out vec4 paint; out vec4 lit; out vec3 eye; flat out float kind;
void main() {
  n = normal; r = rest; uv = at / size; paint = albedo; lit = light; eye = look; kind = stuff;
  float away = (place.z - depth.x) / (depth.y - depth.x);
  gl_Position = vec4(2 * place.xy / size - 1, 2 * away - 1, 1);
}
"""
FRAGMENT = """
#version 330
in vec3 n; in vec3 r; in vec2 uv; in vec4 paint; in vec4 lit; in vec3 eye; flat in float kind;
uniform sampler2D skin; uniform vec3 sun; uniform vec3 iris; uniform vec3 white;
uniform float pupil; uniform float seed; uniform float rim;
out vec4 colour;
float noise(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233)) + seed) * 43758.5453); }
float grain(vec2 p) {
  vec2 i = floor(p), f = fract(p); f = f * f * (3 - 2 * f);
  return mix(mix(noise(i), noise(i + vec2(1, 0)), f.x), mix(noise(i + vec2(0, 1)), noise(i + vec2(1, 1)), f.x), f.y);
}
vec3 unit(vec3 v) { return dot(v, v) > 1e-8 ? normalize(v) : vec3(0, 0, -1); }
vec3 eyeball(vec3 e) {
  float away = acos(clamp(-e.z, -1, 1)), turn = atan(e.y, e.x + 1e-5);
  float fibres = 0.75 + 0.5 * grain(vec2(turn * 14, away * 9)) * grain(vec2(turn * 5 + 9, 2));
  vec3 stroma = iris * fibres * mix(1.25, 0.75, smoothstep(pupil, rim, away));
  stroma = mix(stroma, iris * 0.25, smoothstep(rim - 0.1, rim, away));
  stroma = mix(vec3(0.012), stroma, smoothstep(pupil - 0.03, pupil + 0.03, away));
  float veins = smoothstep(0.62, 0.9, grain(vec2(e.x * 6, e.y * 26))) * smoothstep(0.5, 1.2, away);
  vec3 ball = white * mix(vec3(1), vec3(0.93, 0.72, 0.68), 0.35 * veins + 0.35 * smoothstep(0.6, 1.3, away));
  return mix(stroma, ball, smoothstep(rim - 0.045, rim + 0.045, away));
}
void main() {
  vec3 N = unit(n);
  if (N.z > 0 && kind > 0.5) N = -N;
  float diffuse = max(dot(N, -sun), 0), half_light = 0.5 - 0.5 * dot(N, sun);
  vec3 gaze = vec3(0, 0, -1), middle = normalize(-sun + gaze);
  vec3 flesh = texture(skin, uv).rgb;
  if (kind < 0.5) {
    float was = 0.55 + 0.45 * max(dot(unit(r), -sun), 0), is = 0.55 + 0.45 * diffuse;
    flesh = mix(flesh * clamp(is / was, 0.6, 1.35), paint.rgb * (0.45 + 0.55 * half_light), paint.a) * lit.x;
  } else if (kind < 1.5) {
    flesh = paint.rgb * lit.x * (0.45 + 0.55 * half_light);
  } else {
    flesh = eyeball(normalize(eye)) * lit.x * (0.7 + 0.3 * half_light);
    if (dot(N, r) > cos(rim * 1.15)) N = unit(N + 0.9 * (N - r));  // the cornea bulges
  }
  flesh += lit.y * lit.x * pow(max(dot(N, middle), 0), lit.z);
  colour = vec4(flesh, lit.w);
}
"""


@dataclass(frozen=True, slots=True)
class Light:
    """What is the same for every vertex; colours are linear RGB."""

    sun: tuple[float, float, float]
    """The way its light goes, a unit vector in the picture's axes."""
    iris: tuple[float, float, float]
    white: tuple[float, float, float]
    pupil: float
    """Radians, as the eyeball's centre sees it."""
    rim: float
    """Radians: where the iris ends."""
    seed: float


FINER = 2
"""Drawn so many times larger, and averaged down."""


class Painter:
    """Draws (V, 23) vertices and (T, 3) triangles onto a square."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._context = moderngl.create_standalone_context(backend="egl")
        self._context.gc_mode = "auto"
        self._program = self._context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
        side = (FINER * size, FINER * size)
        self._target = self._context.framebuffer(
            [self._context.texture(side, 4, dtype="f2")], self._context.depth_renderbuffer(side)
        )
        self._context.enable(moderngl.DEPTH_TEST)

    def dress(self, skin: Image) -> None:
        """The picture that textured triangles show; coordinates 0..1 from its upper left."""
        height, width = skin.shape[:2]
        linear = (skin / 255.0) ** 2.2
        self._skin = self._context.texture((width, height), 3, linear.astype("f4").tobytes(), dtype="f4")
        self._skin.repeat_x = self._skin.repeat_y = False

    def __call__(self, vertices: Array, triangles: Array, light: Light) -> Array:
        """(size, size, 4) linear RGB and coverage."""
        self._target.use()
        self._target.clear(0, 0, 0, 0)
        depth = vertices[:, 2]
        self._program["size"].value = (float(self._size), float(self._size))
        self._program["depth"].value = (float(depth.min()) - 1, float(depth.max()) + 1)
        for name, value in asdict(light).items():
            self._program[name].value = value
        self._skin.use(0)
        layout = " ".join(f"{width}f" for width in COLUMNS.values())
        corners = self._context.buffer(np.ascontiguousarray(vertices, "f4").tobytes())
        order = self._context.buffer(np.ascontiguousarray(triangles, "i4").tobytes())
        self._context.vertex_array(self._program, [(corners, layout, *COLUMNS)], order).render()
        raw = np.frombuffer(self._target.read(components=4, dtype="f2"), np.float16).astype(np.float32)
        side = FINER * self._size
        return cv2.resize(raw.reshape(side, side, 4), (self._size, self._size), interpolation=cv2.INTER_AREA)
