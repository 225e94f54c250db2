// Package worker passes the outcome of a task from the task's goroutine to the one that waits for
// it, including a panic of the task and the end of its goroutine by runtime.Goexit.
package worker

import "runtime"

// Outcome is how a task ended.
type Outcome[T any] struct {
	value    T
	returned bool
	panicked any
}

// Run runs task in this goroutine and calls done with its outcome, however it ended. A panic of the
// task does not propagate.
func Run[T any](task func() T, done func(Outcome[T])) {
	var o Outcome[T]
	defer func() {
		if !o.returned {
			o.panicked = recover()
		}
		done(o)
	}()
	o.value, o.returned = task(), true
}

// Get returns what the task returned. If the task ended otherwise, the calling goroutine ends in
// the same way.
func (o Outcome[T]) Get() T {
	switch {
	case o.returned:
	case o.panicked != nil:
		panic(o.panicked) //nolint:forbidigo // the task's own panic, from another goroutine
	default:
		runtime.Goexit()
	}
	return o.value
}
