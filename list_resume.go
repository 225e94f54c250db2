package b24

// Cursor is a place in a list, for [WithResume]. It is opaque text without secrets,
// safe to store.
type Cursor string

// WithResume continues after the page for which c was reported. Method, parameters, [ListMethod],
// direction and portal must be the same; otherwise the error matches [ErrCursor]. The empty Cursor
// begins at the first row. A cursor of a reading by offset continues by offset, whatever
// [WithPaging] says; one by id with any [WithConcurrency].
func WithResume(c Cursor) ListOption {
	return listOption(func(o *listOptions) { o.resume = c })
}

// WithCheckpoint calls f, in the consumer's goroutine, with the cursor behind each page once the
// consumer has finished it. Store it, and after a crash [WithResume] continues there: together both
// runs have each row once, except for rows that were created or deleted in between.
func WithCheckpoint(f func(Cursor)) ListOption {
	return listOption(func(o *listOptions) { o.checkpoint = f })
}
