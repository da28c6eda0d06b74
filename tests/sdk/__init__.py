"""What customers see: the element `<call-me>` in a real browser, up to a real call that arrives."""
