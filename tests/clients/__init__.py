"""The client libraries, against the API's description and against real servers; and the plugin for others' tests."""
