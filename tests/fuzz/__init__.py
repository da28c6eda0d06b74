"""Whatever strangers send is read or refused, and breaks nothing."""
