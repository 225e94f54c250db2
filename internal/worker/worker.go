// Package worker carries what a task came to from its own goroutine to the one that waits for
// it, a panic of the task and the end of its goroutine by runtime.Goexit included.
package worker

import "runtime"

// Outcome is how a task ended.
type Outcome[T any] struct {
	value    T
	returned bool
	panicked any
}

// Run runs task in this goroutine and calls done with how it ended, however it did. A panic of
// task goes no further.
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

// Get returns what the task returned. Where it ended otherwise this goroutine ends in the same
// way.
func (o Outcome[T]) Get() T {
	switch {
	case o.returned:
	case o.panicked != nil:
		panic(o.panicked) //nolint:forbidigo // it is the task's own, from another goroutine
	default:
		runtime.Goexit()
	}
	return o.value
}
