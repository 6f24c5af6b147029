"""The speech waveform encoder of the release, so that its checkpoints load whole.

The studio has no speech track yet: the condition is always absent and these weights are carried, not run.
"""

from torch import Tensor, nn

LAYERS = (
    (1, 32, 5, True),
    (32, 32, 6, True),
    (32, 32, 1, False),
    (32, 64, 5, True),
    (64, 64, 1, False),
    (64, 128, 4, True),
)
KERNEL = 15


class SpeechBlock(nn.Module):
    """Two 1D convolutions with batch norm and a strided shortcut."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, shortcut: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, outputs, KERNEL, stride=stride, padding=KERNEL // 2)
        self.bn1 = nn.BatchNorm1d(outputs)
        self.conv2 = nn.Conv1d(outputs, outputs, KERNEL, padding=KERNEL // 2)
        self.bn2 = nn.BatchNorm1d(outputs)
        self.downsample: nn.Sequential | None = None
        if shortcut:
            self.downsample = nn.Sequential(
                nn.Conv1d(inputs, outputs, KERNEL, stride=stride, padding=KERNEL // 2), nn.BatchNorm1d(outputs)
            )
        self.act = nn.LeakyReLU(0.01)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, N) -> (B, outputs, N / stride)."""
        skip = x if self.downsample is None else self.downsample(x)
        out: Tensor = self.act(self.bn2(self.conv2(self.act(self.bn1(self.conv1(x))))) + skip)
        return out


class SpeechEncoder(nn.Sequential):
    """Waveform (B, 1, N) -> (B, 128, frames)."""

    def __init__(self) -> None:
        super().__init__(*(SpeechBlock(i, o, stride=stride, shortcut=shortcut) for i, o, stride, shortcut in LAYERS))
