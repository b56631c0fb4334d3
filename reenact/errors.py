"""What can go wrong, as the user would say it.

Every message says what was wanted, what was found, and the next step, on one line.

ReenactError
├── DeviceError    camera or sink missing, busy, gone
├── BundleError    an engine folder is not as its manifest says
├── BackendError   a runtime cannot run a network as asked
├── NoFaceError    an avatar or actor picture without a usable face
├── MediaError     a file that is no picture or film, or cannot be read or written
├── WeightsError   a weight file is missing, cut off or another, or cannot be fetched
└── ProvenanceError   pictures cannot be marked or signed as asked
"""


class ReenactError(Exception):
    """Anything that the user can mend; `cli` prints it and exits with 1."""


class DeviceError(ReenactError):
    """A camera or a live sink is missing, busy or gone."""


class BundleError(ReenactError):
    """An engine folder is not what its `engine.toml` says."""


class BackendError(ReenactError):
    """A runtime cannot run a network as it was asked to."""


class NoFaceError(ReenactError):
    """A picture holds no face that could be found."""


class MediaError(ReenactError):
    """A file is no picture or film, or cannot be read or written."""


class ProvenanceError(ReenactError):
    """Pictures cannot be marked or signed as asked, or may not go unmarked."""


class WeightsError(ReenactError):
    """A weight file is missing, cut off or another, or cannot be fetched."""
