package b24

import (
	"errors"
	"fmt"
	"strconv"
)

// Result is what a call with many parts came to: its data, and what went wrong. One that is
// nil has no data and one error.
type Result[T any] struct {
	data func() T // a closure: a dump does not follow it
	errs []error
}

// Data returns the data, after an error what was read before it.
func (r *Result[T]) Data() T {
	if r == nil || r.data == nil {
		var zero T
		return zero
	}
	return r.data()
}

// all returns the errors. That of a result which is nil is that there is none.
func (r *Result[T]) all() []error {
	if r == nil {
		return []error{errNoAnswer}
	}
	return r.errs
}

// Err returns all errors as one; nil: none.
func (r *Result[T]) Err() error {
	errs := r.all()
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// Errors returns the errors.
func (r *Result[T]) Errors() []error { return append([]error(nil), r.all()...) }

// ErrorMessages returns the texts of the errors.
func (r *Result[T]) ErrorMessages() []string {
	errs := r.all()
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return texts
}

// Format writes how many errors there are, and not what the data hold.
func (r Result[T]) Format(f fmt.State, _ rune) {
	write(f, "b24.Result("+strconv.Itoa(len(r.errs))+" errors)")
}

// IsSuccess reports whether there is no error.
func (r *Result[T]) IsSuccess() bool { return len(r.all()) == 0 }
