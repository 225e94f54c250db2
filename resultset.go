package b24

import (
	"errors"
	"fmt"
	"strconv"
)

// Result is what a call with many parts came to: its data, and what went wrong.
type Result[T any] struct {
	data T
	errs []error
}

// Data returns the data, after an error what was read before it.
func (r *Result[T]) Data() T { return r.data }

// Err returns all errors as one; nil: none.
func (r *Result[T]) Err() error {
	if len(r.errs) == 1 {
		return r.errs[0]
	}
	return errors.Join(r.errs...)
}

// Errors returns the errors.
func (r *Result[T]) Errors() []error { return append([]error(nil), r.errs...) }

// ErrorMessages returns the texts of the errors.
func (r *Result[T]) ErrorMessages() []string {
	texts := make([]string, len(r.errs))
	for i, err := range r.errs {
		texts[i] = err.Error()
	}
	return texts
}

// Format writes how many errors there are, and not what the data hold.
func (r Result[T]) Format(f fmt.State, _ rune) {
	write(f, "b24.Result("+strconv.Itoa(len(r.errs))+" errors)")
}

// IsSuccess reports whether there is no error.
func (r *Result[T]) IsSuccess() bool { return len(r.errs) == 0 }
