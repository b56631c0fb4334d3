"""Which landmark is what: names for the points of the 478-point face mesh. Left and right as seen in a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.intp]
"""Landmark numbers."""


def _ids(text: str) -> Ids:
    return np.array(text.split(), np.intp)


LIPS_OUTER = _ids("61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185")
LIPS_INNER = _ids("78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191")
"""Both rings run from the left corner along the lower lip to the right corner and back along the upper lip."""
LIP_UPPER = _ids("191 80 81 82 13 312 311 310 415")
LIP_LOWER = _ids("95 88 178 87 14 317 402 318 324")
"""Inner contour without the corners; the two lists pair up."""
MOUTH_CORNERS = _ids("78 308")

LEFT_LID_UPPER = _ids("246 161 160 159 158 157 173")
LEFT_LID_LOWER = _ids("7 163 144 145 153 154 155")
LEFT_CORNERS = _ids("33 133")
LEFT_FOLDS = _ids("247 30 29 27 28 56 190 25 110 24 23 22 26 112 243")
"""The second ring around the eye."""
LEFT_BROW = _ids("70 63 105 66 107 46 53 52 65 55")
LEFT_IRIS = _ids("468 469 470 471 472")
RIGHT_LID_UPPER = _ids("466 388 387 386 385 384 398")
RIGHT_LID_LOWER = _ids("249 390 373 374 380 381 382")
RIGHT_CORNERS = _ids("263 362")
RIGHT_FOLDS = _ids("467 260 259 257 258 286 414 255 339 254 253 252 256 341 463")
RIGHT_BROW = _ids("300 293 334 296 336 276 283 282 295 285")
RIGHT_IRIS = _ids("473 474 475 476 477")

NOSE = _ids("168 6 197 195 5 4 1 19 94 2 98 97 326 327 129 358 49 279 48 278 115 344 64 294 45 275 198 420")
CHEEKS = _ids(
    "50 280 205 425 187 411 147 376 117 346 119 348 101 330 36 266 207 427 216 436 212 432 43 273 106 335 182 406 "
    "200 199 175 18 164 167 393 92 322 57 287 202 422 210 430 135 364 192 416 213 433 123 352"
)
FOREHEAD = _ids("151 9 108 337 69 299 104 333 68 298 71 301")
OVAL = _ids(
    "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148 176 149 150 136 172 58 132 93 "
    "234 127 162 21 54 103 67 109"
)
"""Clockwise from the top."""
OVAL_UPPER = _ids("234 127 162 21 54 103 67 109 10 338 297 332 284 251 389 356 454")
"""From ear to ear over the forehead."""
CHIN = 152
EARS = _ids("234 454")
