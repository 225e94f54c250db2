package b24_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// items is a portal with two deals that are items, and the echo of what a command was given.
func items(t *testing.T) (*b24test.Portal, *b24.Hook, *[]any) {
	t.Helper()
	p, h := newPortal(t)
	p.Seed("crm.item:2", b24.Params{"title": "one"}, b24.Params{"title": "two"})
	var got []any
	p.Handle("echo", func(r b24test.Request) (any, error) {
		got = append(got, r.Params["v"])
		return r.Params["v"], nil
	})
	return p, h, &got
}

// A reference to a command leads into the part that it was queued with, on both APIs.
func TestReferenceIntoTheQueuedPart(t *testing.T) {
	t.Parallel()
	_, h, got := items(t)
	var b b24.Batch
	item := b24.Queue[b24.ID](&b, "crm.item.add", b24.Params{"entityTypeId": 2, "fields": b24.Params{"title": "three"}}, "item", "id")
	all := b24.Queue[[]b24.ID](&b, "crm.item.list", b24.Params{"entityTypeId": 2}, "items")
	for _, ref := range []b24.Ref{item.Ref(), item.Ref("item", "id"), all.Ref(1, "id"), all.Ref("items", "1", "id")} {
		b.Add("echo", b24.Params{"v": ref})
	}

	_, err := h.CallBatch(t.Context(), &b)

	require.NoError(t, err)
	require.Len(t, *got, 4)
	assert.Equal(t, (*got)[0], (*got)[1])
	assert.Equal(t, (*got)[2], (*got)[3])
	id, err := item.Get()
	require.NoError(t, err)
	assert.Equal(t, b24.ID("3"), id)
	assert.Equal(t, "3", fmt.Sprint((*got)[0]))

	p := b24test.NewPortal(t, b24test.WithMemory())
	h = newHook(t, p)
	var b3 b24.Batch
	task := b24.Queue[b24.ID](&b3, "tasks.task.add", b24.Params{"fields": b24.Params{"title": "a", "creatorId": 1, "responsibleId": 1}}, "item", "id")
	b3.Add("tasks.task.update", b24.Params{"id": task.Ref(), "fields": b24.Params{"title": "b"}})
	_, err = h.V3().CallBatch(t.Context(), &b3)
	require.NoError(t, err)
	assert.Equal(t, "b", p.V3().Rows("tasks.task")[0]["title"])
}

// A reference that led to an object or a list is an error: the portal had put it in the place of a value. So
// is what refers to such a command, and the outcome of all of them is unknown.
func TestReferenceToMoreThanAValue(t *testing.T) {
	t.Parallel()
	for name, path := range map[string][]any{"an object": {"item"}, "the whole result": {}, "a list": {"item", "contactIds"}} {
		p, h, _ := items(t)
		p.Seed("crm.item:2", b24.Params{"id": 9, "contactIds": []int{3, 4}})
		var b b24.Batch
		item := b.Add("crm.item.get", b24.Params{"entityTypeId": 2, "id": 9})
		first := b.Add("echo", b24.Params{"v": item.Ref(path...)})
		second := b.Add("echo", b24.Params{"v": first.Ref()})
		free := b.Add("echo", b24.Params{"v": 1})

		_, err := h.CallBatch(t.Context(), &b)

		require.ErrorIs(t, err, b24.ErrReference, name)
		_, err = first.Get()
		require.ErrorIs(t, err, b24.ErrReference, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		_, err = second.Get()
		require.ErrorIs(t, err, b24.ErrReference, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		_, err = free.Get()
		require.NoError(t, err, name)
	}
}

// A list is a value where a filter asks for one.
func TestReferenceToAListInAFilter(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("ids", func(b24test.Request) (any, error) { return map[string]any{"ids": []int{2, 3}}, nil })
	p.SeedN("crm.deal", 5, nil)
	var b b24.Batch
	ids := b24.Queue[[]b24.ID](&b, "ids", nil, "ids")
	in := b24.Queue[[]b24.Map[any]](&b, "crm.deal.list", b24.Params{"filter": b24.Params{"@ID": ids.Ref()}})
	out := b24.Queue[[]b24.Map[any]](&b, "crm.deal.list", b24.Params{"filter": b24.Params{"!@ID": ids.Ref()}})
	wrong := b.Add("crm.deal.list", b24.Params{"filter": b24.Params{"ID": ids.Ref()}})

	_, err := h.CallBatch(t.Context(), &b, b24.WithHaltOnError(false))

	require.ErrorIs(t, err, b24.ErrReference)
	rows, err := in.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	rows, err = out.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 3)
	_, err = wrong.Get()
	require.ErrorIs(t, err, b24.ErrReference)
}

// So it is behind the "in" of REST 3.0, where a list of the values of all rows is one in any place.
func TestReferenceToAListOfREST3(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"title": "a"}, b24.Params{"title": "b"}, b24.Params{"title": "c"})
	var b b24.Batch
	some := b.Add("tasks.task.list", b24.Params{"filter": [][]any{{"id", "<", 3}}})
	again := b24.Queue[[]b24.Map[any]](&b, "tasks.task.list", b24.Params{"filter": [][]any{{"id", "in", some.RefAll("id")}}}, "items")

	_, err := h.V3().CallBatch(t.Context(), &b)

	require.NoError(t, err)
	rows, err := again.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 2)
}
