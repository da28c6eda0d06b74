"""What breaks under a server: processes, disks, power and clients."""
