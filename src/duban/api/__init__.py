"""What programs ask of duban and hand in: the same checks and the same queue as the pages, described in OpenAPI."""
