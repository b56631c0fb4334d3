"""The LivePortrait family of networks in torch: loaded strictly, rewritten for speed, exported, checked."""
