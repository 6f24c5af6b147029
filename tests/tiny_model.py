"""A model folder of the studio's own family, small and untrained, for tests of everything around the network."""

from pathlib import Path


def write_tiny_model(folder: Path, **config_changes: object) -> Path:
    """Seeded weights with width 32 and two layers; its motions are nonsense, but they obey keys and are quick."""
    import torch

    from genmo_studio.model.checkpoint import Network, save_folder
    from genmo_studio.model.config import DEFAULT, MOTION_CHANNELS, ModelConfig
    from genmo_studio.model.statistics import Statistics

    config = ModelConfig.from_json({**DEFAULT.to_json(), "width": 32, "layers": 2, "heads": 2, **config_changes})
    generator = torch.Generator().manual_seed(0)
    network = Network(config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.05)
    mean = torch.zeros(MOTION_CHANNELS)
    mean[0:126].reshape(21, 6)[:, [0, 4]] = 1.0  # 6D rotations of a body at rest
    mean[136:142][[0, 4]] = mean[142:148][[0, 4]] = 1.0
    statistics = Statistics(
        mean=mean,
        std=torch.full((MOTION_CHANNELS,), 0.1),
        camera_mean=torch.tensor([1.0, 0, 0, 0, 1, 0]),
        camera_std=torch.ones(6),
        music_mean=torch.zeros(35),
        music_std=torch.ones(35),
    )
    save_folder(folder, network.state_dict(), config=config, statistics=statistics, name="tiny", licence="CC0-1.0")
    return folder
