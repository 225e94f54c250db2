package b24_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A reference names its command, in all batches of named commands, in both versions of the API, and whatever the
// name looks like.
func TestRefTo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"deal", "77", "my deal", "a]b", "a[b]", "$result[x]", "a.b", "Сделка", "c0", "c2"} {
		_, h, got := items(t)
		calls := b24.Commands{
			{Method: "crm.item.list", Params: b24.Params{"entityTypeId": 2}},
			{Name: name, Method: "crm.item.get", Params: b24.Params{"entityTypeId": 2, "id": 2}},
			{Method: "echo", Params: b24.Params{"v": b24.RefTo(name, "item", "title")}},
			{Name: "last", Method: "echo", Params: b24.Params{"v": b24.RefTo("0", "items", 1, "title")}}, // the first, by its position
		}
		r, err := h.CallBatch(t.Context(), calls)
		require.NoError(t, err, name)
		assert.Equal(t, []any{"two", "two"}, *got, name)
		row, ok := r.Get(name)
		require.True(t, ok)
		assert.Equal(t, name, row.Query().Name)

		_, err = h.CallBatchByChunk(t.Context(), append(append(b24.Commands{}, echoes(40)...), b24.Commands{
			{Name: name, Method: "echo", Params: b24.Params{"v": "x"}}, {Method: "echo", Params: b24.Params{"v": b24.RefTo(name)}},
		}...))
		require.NoError(t, err, name)
		assert.Equal(t, "x", (*got)[len(*got)-1], name)
	}
	_, h, got := items(t)
	_, err := h.CallBatch(t.Context(), b24.NamedCommands{
		"b": {Method: "echo", Params: b24.Params{"v": b24.RefTo("a", "item", "title")}},
		"a": {Method: "crm.item.get", Params: b24.Params{"entityTypeId": 2, "id": 1}},
	})
	require.NoError(t, err)
	assert.Equal(t, []any{"one"}, *got)
}

func TestRefToOfREST3(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"task", "my.task", "5", "$ref"} {
		for _, path := range [][]any{{"id"}, {"item", "id"}} {
			p := b24test.NewPortal(t, b24test.WithMemory())
			h := newHook(t, p)
			_, err := h.V3().CallBatch(t.Context(), b24.Commands{
				{Name: name, Method: "tasks.task.add", Params: b24.Params{"fields": b24.Params{"title": "a", "creatorId": 1, "responsibleId": 1}}},
				{Method: "tasks.task.update", Params: b24.Params{"id": b24.RefTo(name, path...), "fields": b24.Params{"title": "b"}}},
			})
			require.NoError(t, err, name)
			assert.Equal(t, "b", p.V3().Rows("tasks.task")[0]["title"])
		}
	}
	p, h := newPortal(t)
	_, err := h.V3().CallBatch(t.Context(), b24.Commands{{Name: "a", Method: "tasks.task.list"}, {Method: "tasks.task.list", Params: b24.Params{"x": b24.RefTo("a")}}})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.HTTPRequests())
}

// What a reference by name cannot mean is refused before anything is sent, and the error names it.
func TestRefToNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	to := func(name string) any { return b24.Params{"v": b24.RefTo(name)} }
	var queued b24.Batch
	queued.Add("echo", b24.Params{"v": 1})
	queued.Add("echo", to("0"))
	text, err := json.Marshal(b24.RefTo("a"))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		calls b24.Calls
		want  string
	}{
		"unknown":  {b24.Commands{{Name: "a", Method: "echo"}, {Method: "echo", Params: to("b")}}, `"b", which is not in the batch`},
		"later":    {b24.Commands{{Method: "echo", Params: to("a")}, {Name: "a", Method: "echo"}}, `"a", which is not before`},
		"itself":   {b24.Commands{{Name: "a", Method: "echo", Params: to("a")}}, `"a", which is not before`},
		"by order": {b24.NamedCommands{"b": {Method: "echo"}, "a": {Method: "echo", Params: to("b")}}, "order of their names"},
		"twice":    {b24.Commands{{Name: "a", Method: "echo"}, {Name: "a", Method: "echo"}, {Method: "echo", Params: to("a")}}, `two commands have the name "a"`},
		"no name":  {b24.Commands{{Method: "echo"}, {Method: "echo", Params: to("")}}, "names no command"},
		"batch":    {&queued, "Pending.Ref"},
		"zero":     {b24.Commands{{Method: "echo"}, {Method: "echo", Params: b24.Params{"v": b24.Ref{}}}}, "belongs to no batch"},
		"in text":  {b24.Commands{{Name: "a", Method: "echo"}, {Method: "echo", Params: b24.Params{"v": "x" + string(text)}}}, "part of a text"},
		"a step":   {b24.Commands{{Name: "a", Method: "echo"}, {Method: "echo", Params: b24.Params{"v": b24.RefTo("a", 1.5)}}}, "float64"},
		"bracket":  {b24.Commands{{Name: "a", Method: "echo"}, {Method: "echo", Params: b24.Params{"v": b24.RefTo("a", "b]c")}}}, "not a reference"},
	} {
		for way, call := range map[string]func(b24.Calls) error{
			"batch":  func(c b24.Calls) error { _, err := h.CallBatch(t.Context(), c); return err },
			"chunks": func(c b24.Calls) error { _, err := h.CallBatchByChunk(t.Context(), c); return err },
		} {
			err := call(test.calls)
			require.ErrorIs(t, err, b24.ErrInvalidParams, "%s, %s", name, way)
			require.ErrorContains(t, err, test.want, "%s, %s", name, way)
		}
	}
	_, err = h.CallMethod(t.Context(), "echo", to("a"))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	_, err = b24.Collect(b24.List[idRow](t.Context(), h, "crm.deal.list", b24.Params{"filter": b24.Params{"ID": b24.RefTo("a")}}))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.HTTPRequests())
}

// A value that does not fit is found out, as with Pending.Ref.
func TestRefToMoreThanAValue(t *testing.T) {
	t.Parallel()
	for name, path := range map[string][]any{"object": {"item"}, "whole": nil, "missing": {"item", "none"}, "null": {"item", "null"}} {
		p, h, _ := items(t)
		p.Seed("crm.item:2", b24.Params{"id": 9, "null": nil})
		r, err := h.CallBatch(t.Context(), b24.Commands{
			{Name: "a", Method: "crm.item.get", Params: b24.Params{"entityTypeId": 2, "id": 9}},
			{Method: "echo", Params: b24.Params{"v": b24.RefTo("a", path...)}},
		}, b24.WithResultKey("item"))
		require.ErrorIs(t, err, b24.ErrReference, name)
		assert.True(t, b24.MayHaveExecuted(r.At(1).Err()), name)
	}
}

// A text is never a reference, whoever wrote it.
func TestTextIsNoReferenceByName(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	text := "b24ref~ABCDEFGHIJKLMNOPQRSTUVWXYZ~@61~"
	r, err := h.CallBatch(t.Context(), b24.Commands{{Name: "a", Method: "echo", Params: b24.Params{"v": "x"}}, {Method: "echo", Params: b24.Params{"v": text}}})
	require.NoError(t, err)
	assert.JSONEq(t, `"`+text+`"`, string(r.At(1).Raw()))
	_, err = h.CallBatch(t.Context(), b24.Commands{{Name: "a", Method: "echo"}, {Method: "echo", Params: b24.Params{"v": "$result[a]"}}})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	p.Handle("rows", func(b24test.Request) (any, error) { return b24.Params{"items": []b24.Params{{"id": 7}}}, nil })
	ref, err := b24.ParseRef("$result[rows][items][0][id]")
	require.NoError(t, err)
	assert.Equal(t, b24.RefTo("rows", "items", "0", "id"), ref)
	_, err = h.CallBatch(t.Context(), b24.Commands{{Name: "rows", Method: "rows"}, {Method: "echo", Params: b24.Params{"v": ref}}})
	require.NoError(t, err)
	wire, err := url.QueryUnescape(sent(t, p))
	require.NoError(t, err)
	assert.Contains(t, wire, "$result[rows][items][0][id]")

	for text, want := range map[string]string{
		"": "begin", "x": "begin", "$result": "begin", "$RESULT[a]": "begin", "$results[a]": "begin", " $result[a]": "begin", "$total[a]": "begin", "a$result[a]": "begin",
		"$result[": "end", "$result[a": "end", "$result[a]x": "end", "$result[a] ": "end",
		"$result[]": "nothing", "$result[a][]": "nothing", "$result[][a]": "nothing",
		"$result[a]x[b]": "bracket", "$result[a[b]]": "bracket", "$result[[a]": "bracket", "$result[a]]": "bracket",
		"$result[a b]": "white space", "$result[a\x00]": "white space", "$result[\xff]": "white space", "$result[a\u00a0]": "white space",
	} {
		_, err := b24.ParseRef(text)
		require.ErrorIs(t, err, b24.ErrInvalidParams, text)
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzParseRef(f *testing.F) {
	for _, text := range []string{"$result[a]", "$result[a][0][id]", "$result[]", "$result[a]b[c]", "$RESULT[a]", "$result[a b]", "", "$result[a][b"} {
		f.Add(text)
	}
	form := regexp.MustCompile(`^\$result(\[[^][\s\p{Z}\p{Cc}]+\])+$`)
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := b24.ParseRef(text)
		want := form.MatchString(text) && strings.ToValidUTF8(text, "") == text
		if want != (err == nil) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		steps := strings.Split(strings.TrimSuffix(strings.TrimPrefix(text, "$result["), "]"), "][")
		path := make([]any, 0, len(steps))
		for _, step := range steps[1:] {
			path = append(path, step)
		}
		got, err := json.Marshal(ref)
		require.NoError(t, err)
		again, err := json.Marshal(b24.RefTo(steps[0], path...))
		require.NoError(t, err)
		assert.Equal(t, string(again), string(got), "%q", text)
	})
}
