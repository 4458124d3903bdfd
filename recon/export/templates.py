"""A user's own template, checked before it is opened, and its layouts by name."""

import io
import zipfile
import zlib

from recon.errors import BadRequest

LIMIT_BYTES, UNPACKED_LIMIT_BYTES, PARTS_LIMIT = 20_000_000, 200_000_000, 5_000
MACROS = ("vbaproject.bin", "vbadata.xml")
SLIDES, DOCUMENT = ".pptx", ".docx"
MAIN_TYPE = {
    SLIDES: "presentationml.presentation.main+xml",
    DOCUMENT: "wordprocessingml.document.main+xml",
}
TEMPLATE_TYPE = {
    SLIDES: "presentationml.template.main+xml",
    DOCUMENT: "wordprocessingml.template.main+xml",
}
CHUNK_BYTES = 1 << 20
# what an archive that is damaged, encrypted or packed in another way ends in
NO_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError,
    RuntimeError, ValueError,
)  # fmt: skip


def checked(data: bytes, name: str, ending: str) -> io.BytesIO:
    """Return a template ready to be opened.

    `ending` is ``.pptx`` or ``.docx``. What it unpacks to is counted while it is
    unpacked, not read from what the file says of itself.

    Raises
    ------
    BadRequest
        If it is too large, packs too much, holds macros or is no such document.
    """
    if len(data) > LIMIT_BYTES:
        raise BadRequest(
            f"{name} has {len(data) / 1e6:,.0f} MB; a template may have "
            f"{LIMIT_BYTES / 1e6:,.0f}. Save it without pictures."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _count(archive, name)
            types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
    except NO_ARCHIVE:
        types = ""
    if "macroenabled" in types.lower() or "vbaproject" in types.lower():
        raise BadRequest(f"{name} may hold macros; save it as {ending} without them.")
    if TEMPLATE_TYPE[ending] in types:
        raise BadRequest(
            f"{name} is saved as a template file; save it as {ending} and give that."
        )
    if MAIN_TYPE[ending] not in types:
        raise BadRequest(
            f"{name} is no {ending} document; give one saved by an office program."
        )
    return io.BytesIO(data)


def _count(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > PARTS_LIMIT:
        raise BadRequest(f"{name} has {len(entries):,} parts; it is no template.")
    if any(entry.filename.lower().endswith(MACROS) for entry in entries):
        raise BadRequest(f"{name} holds macros; save it without them.")
    total = 0
    for entry in entries:
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK_BYTES):
                total += len(chunk)
                if total > UNPACKED_LIMIT_BYTES:
                    raise BadRequest(
                        f"{name} unpacks to more than "
                        f"{UNPACKED_LIMIT_BYTES / 1e6:,.0f} MB; it is no template."
                    )
