package b24_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// argument makes something to call a method with: of the types that take part, what is
// nothing is enough.
func argument(t *testing.T, of reflect.Type) reflect.Value {
	t.Helper()
	switch of {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(t.Context())
	case reflect.TypeFor[any]():
		return reflect.ValueOf(new(int))
	default:
		return reflect.Zero(of)
	}
}

// callAllMethods calls each exported method of v, and runs what a method returns to be run over.
func callAllMethods(t *testing.T, v any) (called []string) {
	t.Helper()
	value := reflect.ValueOf(v)
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		if name == "Format" || name == "UnmarshalJSON" || name == "UnmarshalText" {
			continue // fmt's is tried below, with a state to write to
		}
		fixed := method.Type().NumIn()
		if method.Type().IsVariadic() {
			fixed--
		}
		var args []reflect.Value
		for i := range fixed {
			args = append(args, argument(t, method.Type().In(i)))
		}
		assert.NotPanics(t, func() {
			for _, out := range method.Call(args) {
				if out.Kind() == reflect.Func && !out.IsNil() && out.Type().NumIn() == 1 && out.Type().NumOut() == 0 {
					for range out.Seq2() {
						continue
					}
				}
			}
		}, "%T %s", v, name)
		called = append(called, name)
	}
	assert.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v %#v %s", v, v, v, v) }, "%T", v)
	return called
}

// Results that are not there have methods all the same: who looks at one after an error must
// not fall.
func TestResultsThatAreNotThere(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		new(b24.AjaxResult), (*b24.AjaxResult)(nil), (*b24.BatchResult)(nil),
		new(b24.Batch), new(b24.Pending[int]), (*b24.Pending[int])(nil), new(b24.Result[int]), (*b24.Result[int])(nil),
		b24.Query{},
		b24.Ref{},
		b24.Timing{},
		new(b24.Error), new(b24.TransportError), new(b24.RedirectError), new(b24.ParamsError), new(b24.BatchError),
		b24.CommandError{},
		new(b24.ListError), new(b24.WebhookURLError),
		b24.Progress{},
		b24.ListReport{},
	} {
		callAllMethods(t, v)
	}
	assert.Len(t, callAllMethods(t, new(b24.AjaxResult)), reflect.TypeFor[*b24.AjaxResult]().NumMethod()-1) // the test sees them

	// No command of this result can be asked for; a position that is not there is the caller's mistake.
	none := new(b24.BatchResult)
	assert.Zero(t, none.Len())
	require.NoError(t, none.Err())
	assert.Panics(t, func() { none.At(0) })
}

// None of them looks like a success.
func TestResultsThatAreNotThereAreNoSuccess(t *testing.T) {
	t.Parallel()
	for _, r := range []*b24.AjaxResult{nil, new(b24.AjaxResult)} {
		assert.False(t, r.IsSuccess())
		require.ErrorIs(t, r.Err(), b24.ErrNoResult)
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.Err()))
		_, err := b24.Decode[int](r)
		require.ErrorIs(t, err, b24.ErrNoResult)
		_, err = r.FetchNext(t.Context())
		require.ErrorIs(t, err, b24.ErrNoMorePages)
		assert.Equal(t, "b24: no more pages", err.Error())
		assert.Equal(t, b24.Query{}, r.Query())
		assert.NotContains(t, r.Err().Error(), ": :")
	}
	var r *b24.BatchResult
	require.ErrorIs(t, r.Err(), b24.ErrNoResult)
	require.ErrorIs(t, r.At(7).Err(), b24.ErrNoResult)
	assert.False(t, r.At(7).IsSuccess())
	_, found := r.Get("0")
	assert.False(t, found)
	for range r.All() {
		t.Error("a row of no result")
	}
	var list *b24.Result[[]int]
	assert.Empty(t, list.Data())
	assert.False(t, list.IsSuccess())
	require.Error(t, list.Err())
	assert.True(t, new(b24.Result[int]).IsSuccess()) // as it always was: no errors
}
