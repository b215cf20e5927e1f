"""Is a folder that forgets with the power told from one that lasts, whatever else is mounted around it?"""

from pathlib import Path

import pytest

from calltime_edge.lasting import forgets

MOUNTS = """\
22 1 0:21 / / rw,relatime shared:1 - overlay overlayroot rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay
30 22 179:3 / /var/lib/kept rw,noatime shared:2 - ext4 /dev/mmcblk0p3 rw
31 22 0:30 / /var/lib/a\\040name rw - tmpfs tmpfs rw
32 30 0:31 / /var/lib/kept/covered rw - ext4 /dev/sda1 rw
33 32 0:32 / /var/lib/kept/covered rw - overlay overlay rw,lowerdir=/lower
"""


@pytest.mark.parametrize(
    ("folder", "on"),
    [
        ("/var/lib/kept", None),
        ("/var/lib/kept/below/and/not/there/yet", None),
        ("/var/lib/kept-elsewhere", "overlay (mounted at /)"),
        ("/var/lib/a name/door", "tmpfs (mounted at /var/lib/a name)"),
        ("/var/lib/kept/covered", "overlay (mounted at /var/lib/kept/covered)"),
    ],
)
def test_a_folder_lasts_as_the_nearest_mount_above_it_does(tmp_path: Path, folder: str, on: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    why = forgets(Path(folder), mounts=mounts)

    assert why == (None if on is None else f"{folder} lies on {on}, and what is written there is gone with the power")


def test_what_the_kernel_itself_says_can_be_read() -> None:
    assert forgets(Path("/dev/shm/calltime"))  # noqa: S108
    assert not forgets(Path("/proc"))
