"""What the office sees of the registry: lists, one page a member, applications, types, exports, the first page."""
