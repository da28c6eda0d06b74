"""External Orchestration Servers, and this server as one."""
