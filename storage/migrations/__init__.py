"""The steps that bring a database forward, one file each; a step that was released is never changed."""
