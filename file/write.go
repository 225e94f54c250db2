package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/b24go/b24"
)

// WriteOption changes a [Write].
type WriteOption func(*writing)

// writing is the combined options of a Write.
type writing struct {
	call []b24.CallOption
	look []func(written *b24.AjaxResult) (Check, error)
}

// Check says where the files of a record are to be seen.
type Check struct {
	// Method and Params are the call that reads the record. An empty Method looks into the answer to
	// the write itself: crm.item.add and crm.item.update return the record.
	Method string
	Params any
	// Path leads to the field in the result: "item", "ufCrm7_1739432938".
	Path []string
	// Files is how many files it must have at least; 0 means 1.
	Files int
}

// WithVerify looks once, after the write, whether the files arrived. look gets the answer to the
// write, for the id of a new record, and says where to look. It may be given several times, for
// several fields.
func WithVerify(look func(written *b24.AjaxResult) (Check, error)) WriteOption {
	return func(w *writing) { w.look = append(w.look, look) }
}

// WithCallOptions passes options to the call that writes.
func WithCallOptions(opts ...b24.CallOption) WriteOption {
	return func(w *writing) { w.call = append(w.call, opts...) }
}

// Write calls a method that writes files into fields of a record, and looks whether they arrived if
// [WithVerify] says where: portals ignore a file in a wrong form, and a field with a wrong name,
// without an error. Without options it is CallMethod.
//
// If the files are not there, the error matches [ErrNotStored]; if the look itself failed, it has
// that error. In both cases the result is not nil: the record was written, and a repeat would write
// it twice.
func Write(ctx context.Context, c b24.Client, method string, params any, opts ...WriteOption) (*b24.AjaxResult, error) {
	var w writing
	for _, opt := range opts {
		if opt != nil {
			opt(&w)
		}
	}
	written, err := c.CallMethod(ctx, method, params, w.call...)
	if err != nil {
		return nil, err
	}
	for _, look := range w.look {
		if err := verify(ctx, c, written, look); err != nil {
			return written, &unconfirmed{method, err}
		}
	}
	return written, nil
}

// unconfirmed is the error of a write that was executed. It does not unwrap: [b24.OutcomeOf] would
// find what is known of the look, which may have been refused, and the write would be repeated.
type unconfirmed struct {
	method string
	err    error
}

func (e *unconfirmed) Error() string {
	return "b24: " + e.method + ": the call was executed, but its files are not confirmed: " + e.err.Error()
}

// Is reports whether the reason matches target.
func (e *unconfirmed) Is(target error) bool { return errors.Is(e.err, target) }

// As finds the errors of package b24 in the reason.
func (e *unconfirmed) As(target any) bool {
	switch target.(type) {
	case **b24.Error, **b24.TransportError, **b24.ParamsError:
		return errors.As(e.err, target)
	default:
		return false
	}
}

func verify(ctx context.Context, c b24.Client, written *b24.AjaxResult, look func(*b24.AjaxResult) (Check, error)) error {
	if look == nil {
		return errors.New("the function that says where to look is nil")
	}
	check, err := look(written)
	if err != nil {
		return err
	}
	read := written
	if check.Method != "" {
		if read, err = c.CallMethod(ctx, check.Method, check.Params); err != nil {
			return err
		}
	}
	field, err := b24.Decode[json.RawMessage](read, check.Path...)
	if err != nil && !errors.Is(err, b24.ErrNoResult) {
		return err
	}
	if have, want := filesIn(field), max(1, check.Files); have < want {
		return fmt.Errorf("%w: %s has %d of %d", ErrNotStored, strings.Join(check.Path, "."), have, want)
	}
	return nil
}

// filesIn counts the files in the value of a field, in any of the forms in which portals return
// them: an object, an id, a list of these, or an object by the ids of the values.
func filesIn(field []byte) int {
	field = bytes.TrimSpace(field)
	switch {
	case len(field) == 0:
		return 0
	case field[0] == '[':
		var list []json.RawMessage
		_ = json.Unmarshal(field, &list) // it was decoded once
		return count(list)
	case field[0] == '{':
		var members map[string]json.RawMessage
		_ = json.Unmarshal(field, &members) // as above
		return filesByID(members)
	}
	switch string(field) {
	case `null`, `""`, `false`, `0`, `"0"`:
		return 0
	default:
		return 1
	}
}

func count(list []json.RawMessage) (n int) {
	for _, one := range list {
		n += min(1, filesIn(one))
	}
	return n
}

// filesByID counts the files in an object: one file, or files by the ids of the values.
func filesByID(members map[string]json.RawMessage) (n int) {
	for name, value := range members {
		if strings.Trim(name, "0123456789") != "" {
			return min(1, len(members))
		}
		n += min(1, filesIn(value))
	}
	return n
}
