"""What is shipped: the wheel, the container file, the systemd unit."""
