package scan_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	const noMore, more = `{"items":[{"id":1}],"hasMore":false}`, `{"items":[{"id":1}],"hasMore":true}`
	none := notes(`{"p":1}`)
	note, search, tree := v3("note.collection.list", ""), v3("note.document.search.list", ""), v3("note.document.tree.list", "")
	limited := search
	limited.Limit = 1
	named := note
	named.IDKey = "code"
	for _, row := range []struct {
		name     string
		o        scan.Options
		results  []string
		ids      []uint64
		requests int
		reason   scan.Reason
	}{
		{"null ends it", note, []string{notes(`1`, 9, 7), notes(`2`, 8), notes(`null`, 4)}, []uint64{9, 7, 8, 4}, 3, 0},
		{"nothing ends it", note, []string{notes(`1`, 9), `{"items":[{"id":1}]}`}, []uint64{9, 1}, 2, 0},
		{"an empty list", note, []string{`{"items":[],"nextCursor":null}`}, nil, 1, 0},
		{"an empty list of PHP", note, []string{`[]`}, nil, 1, 0},
		{"a last page without rows", note, []string{notes(`1`, 9), notes(`null`)}, []uint64{9}, 2, 0},
		{"PHP's empty object", note, []string{notes(`[]`, 9)}, []uint64{9}, 1, 0},
		{"an empty object", note, []string{notes(`{}`, 9)}, []uint64{9}, 1, 0},
		{"an empty text", note, []string{notes(`""`, 9)}, []uint64{9}, 1, 0},
		{"false", note, []string{notes(`false`, 9)}, []uint64{9}, 1, 0},
		{"pages without rows between", note, []string{notes(`1`, 9), notes(`2`), notes(`3`), notes(`null`, 5)}, []uint64{9, 5}, 4, 0},

		{"the cursor is ignored", note, []string{notes(`1`, 9, 7)}, []uint64{9, 7}, 2, scan.ErrStalled},
		{"the cursor is ignored, the list grows", note, []string{notes(`1`, 9, 7), notes(`1`, 10, 9)}, []uint64{9, 7}, 2, scan.ErrChanged},
		{"the same cursor twice", note, []string{notes(`1`, 9), notes(`1`, 7)}, []uint64{9, 7}, 2, scan.ErrStalled},
		{"the same cursor without rows", note, []string{notes(`1`, 9), notes(`1`)}, []uint64{9}, 2, scan.ErrStalled},
		{
			"a circle of cursors", note,
			[]string{notes(`1`, 9), notes(`2`, 8), notes(`3`, 7), notes(`1`, 6)},
			[]uint64{9, 8, 7, 6},
			4, scan.ErrStalled,
		},
		{"a circle of rows", note, []string{notes(`1`, 9), notes(`2`, 8), notes(`3`, 7), notes(`4`, 9)}, []uint64{9, 8, 7}, 4, scan.ErrChanged},
		{"a row twice in a page", note, []string{notes(`1`, 9), notes(`2`, 8, 8)}, []uint64{9}, 2, scan.ErrChanged},
		{"cursors that lead nowhere", note, []string{
			notes(`0`, 9), notes(`1`), notes(`2`), notes(`3`), notes(`4`), notes(`5`), notes(`6`), notes(`7`), notes(`8`), notes(`9`), notes(`10`), notes(`11`), notes(`12`),
		}, []uint64{9}, 12, scan.ErrStalled},
		{"no rows at all", note, []string{none, notes(`1`), none}, nil, 3, scan.ErrStalled},
		{"a failure", note, []string{notes(`1`, 9), ""}, []uint64{9}, 2, scan.ErrRequest},
		{"no rows under the key", note, []string{notes(`1`, 9), `{"nextCursor":null,"rows":[]}`}, []uint64{9}, 2, scan.ErrRows},
		{"cut off", note, []string{notes(`1`, 9), notes(`2`, 8)[:30]}, []uint64{9}, 2, scan.ErrUnreadable},
		{"no id where one was named", named, []string{notes(`1`, 9)}, nil, 1, scan.ErrNoID},

		{"one page", search, []string{noMore}, []uint64{1}, 1, 0},
		{"one page of more", search, []string{more}, []uint64{1}, 1, scan.ErrIncomplete},
		{"one page is enough", limited, []string{more}, []uint64{1}, 1, 0},
		{"a tree", tree, []string{`{"items":[{"id":1}],"truncated":false}`}, []uint64{1}, 1, 0},
		{"a truncated tree", tree, []string{`{"items":[{"id":1}],"truncated":true}`}, []uint64{1}, 1, scan.ErrIncomplete},
		{
			"more, and no cursor", v3("call.followup.list", ""),
			[]string{`{"items":[{"callId":1,"id":1}],"hasMore":true,"afterCursor":null}`},
			[]uint64{1},
			1, scan.ErrIncomplete,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &script{results: row.results}

			got := readScript(t, s, row.o)

			if row.reason == 0 {
				require.NoError(t, got.err)
			} else {
				require.ErrorIs(t, got.err, row.reason)
			}
			assert.Equal(t, row.ids, got.ids)
			assert.Len(t, s.calls, row.requests)
			assert.Equal(t, row.requests, got.requests)
			assert.Equal(t, row.reason == 0 && row.o.Limit == 0, got.report.Complete)
		})
	}
}

// A row without an id is told by nothing: equal rows are fine, the same page again is not, pages without rows between or not.
func TestFollowRowsWithoutID(t *testing.T) {
	t.Parallel()
	s := &script{results: []string{
		`{"nextCursor":1,"items":["a","b"]}`, `{"nextCursor":2,"items":["a"]}`, `{"nextCursor":3,"items":[]}`, `{"nextCursor":4,"items":["a"]}`,
	}}
	var rows []string
	var problem error
	for page, err := range scan.Pages(t.Context(), s, v3("note.collection.list", ""), nil) {
		for _, row := range page.Rows {
			rows = append(rows, string(row))
		}
		problem = err
	}
	assert.Equal(t, []string{`"a"`, `"b"`, `"a"`}, rows)
	require.ErrorIs(t, problem, scan.ErrStalled)
}

// A cursor goes back as it came, whatever it is.
func TestFollowSendsTheCursorAsItCame(t *testing.T) {
	t.Parallel()
	for _, cursor := range []string{
		`{"position":100,"id":42}`, `{ "id" : "42",  "at":"2026-01-12T14:30:00.000000+00:00" }`, `"opaque+/="`, `17.50`, `0`, `true`,
		`[1,{"a":null}]`, `{"a":"\u00e9\/\ud83d\ude00"}`,
	} {
		s := &script{results: []string{notes(cursor, 1), notes(`null`, 2)}}
		o := scan.Options{Method: "partner.thing.list", V3: true, Next: &scan.Next{Param: "from", Key: "nextCursor"}, Params: []byte(`{"x":1}`)}

		require.NoError(t, readScript(t, s, o).err)

		assert.Equal(t, []string{`{"x":1}`, `{"x":1,"from":` + cursor + `}`}, s.calls)
	}
}

func TestFollowNamedCursor(t *testing.T) {
	t.Parallel()
	s := &script{results: []string{`{"meta":{"next":{"a":1},"x":[]},"things":[{"ID":1}]}`, `{"things":[{"ID":2}],"meta":{"next":null}}`}}
	o := scan.Options{Method: "partner.thing.list", Next: &scan.Next{Param: "page.after", Key: "meta.next"}, Params: []byte(`{"page":{"size":7}}`)}

	got := readScript(t, s, o)

	require.NoError(t, got.err)
	assert.Equal(t, []uint64{1, 2}, got.ids)
	assert.Equal(t, []string{`{"page":{"size":7}}`, `{"page":{"size":7,"after":{"a":1}}}`}, s.calls)
	assert.Equal(t, scan.PagingCursor, got.report.Paging)
	assert.Equal(t, []string{"1", "2"}, []string{got.report.FirstID, got.report.LastID})
}

// Every page is a place to go on from, so is the middle of one that a limit cut.
func TestFollowResumes(t *testing.T) {
	t.Parallel()
	o := v3("note.collection.list", "")
	all := read(t, newOwn(230), o, 0)
	require.NoError(t, all.err)
	sameIDs(t, byPlace(upTo(230)), all.ids)
	require.Len(t, all.pages, 5)
	for _, page := range all.pages {
		o.Resume = page.Cursor()
		rest := read(t, newOwn(230), o, 0)
		require.NoError(t, rest.err)
		sameIDs(t, all.ids[page.Done:], rest.ids)
		assert.True(t, rest.report.Complete)
	}
}

// A limit cuts a page in its middle, again and again.
func TestFollowResumesWithinAPage(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 7, 49, 50, 51, 115, 230, 231} {
		var ids []uint64
		o := v3("note.collection.list", "")
		o.Limit = limit
		for complete := false; !complete; {
			got := read(t, newOwn(230), o, 0)
			require.NoError(t, got.err)
			ids = append(ids, got.ids...)
			complete = got.report.Complete
			require.Equal(t, len(ids) == 230, complete, "limit %d", limit)
			require.Equal(t, len(ids), got.pages[len(got.pages)-1].Done)
			o.Resume = got.report.Cursor
		}
		sameIDs(t, byPlace(upTo(230)), ids)
	}
}

// What goes wrong behind a page is found again behind it.
func TestFollowResumesBehindAnError(t *testing.T) {
	t.Parallel()
	o := v3("note.collection.list", "")
	s := &script{results: []string{notes(`1`, 9), notes(`1`, 7, 5)}}
	first := readScript(t, s, o)
	require.ErrorIs(t, first.err, scan.ErrStalled)
	o.Resume = first.report.Cursor
	for name, row := range map[string]struct {
		results []string
		reason  error
		ids     []uint64
	}{
		"the same":     {[]string{notes(`1`, 7, 5)}, scan.ErrStalled, nil},
		"put right":    {[]string{notes(`2`, 7, 5, 4), notes(`null`, 3)}, nil, []uint64{4, 3}},
		"other rows":   {[]string{notes(`2`, 7, 4), notes(`null`, 3)}, scan.ErrChanged, nil},
		"a row is new": {[]string{notes(`2`, 8, 7, 5), notes(`null`, 3)}, scan.ErrChanged, nil},
	} {
		s := &script{results: row.results}
		got := readScript(t, s, o)
		require.ErrorIs(t, got.err, row.reason, name)
		assert.Equal(t, row.ids, got.ids, name)
		assert.JSONEq(t, `{"pagination":{"limit":200,"afterCursor":1}}`, s.calls[0], name)
	}
}

// Behind the end there is nothing new, until there is.
func TestFollowBehindTheEnd(t *testing.T) {
	t.Parallel()
	p := newOwn(70)
	o := v3("note.collection.list", "")
	o.Resume = read(t, p, o, 0).report.Cursor

	assert.Empty(t, read(t, p, o, 0).ids)

	p.ids = append(p.ids, 72) // position 4, as the last one
	got := read(t, p, o, 0)
	require.NoError(t, got.err)
	assert.Equal(t, []uint64{72}, got.ids)

	p.ids = slices.Delete(p.ids, 66, 67) // 67, the last one that was read
	require.ErrorIs(t, read(t, p, o, 0).err, scan.ErrChanged)
	p.ids = p.ids[:1]
	require.ErrorIs(t, read(t, p, o, 0).err, scan.ErrChanged)
}

func TestFollowCursorBelongsToItsWay(t *testing.T) {
	t.Parallel()
	p := newOwn(200)
	thing := func(next *scan.Next) scan.Options {
		return scan.Options{Method: "partner.thing.list", V3: true, IDKey: "id", Next: next}
	}
	one := &scan.Next{Param: "pagination.afterCursor", Key: "nextCursor"}
	place := read(t, p, thing(one), 1).report.Cursor
	require.NotEmpty(t, place)
	for name, next := range map[string]*scan.Next{
		"no cursor": nil, "another parameter": {Param: "after", Key: "nextCursor"}, "another member": {Param: "pagination.afterCursor", Key: "next"},
	} {
		o := thing(next)
		o.Resume = place
		before := len(p.requests)

		require.ErrorIs(t, read(t, p, o, 0).err, scan.ErrCursor, name)

		assert.Len(t, p.requests, before, name)
	}
}

// A cursor of one way to read is none of another, whatever made them meet.
func TestFollowCursorOfAnotherWay(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		p        *portal
		method   string
		from, to string
	}{
		"by id":         {newOwn(200), "note.collection.list", `"w":"c"`, `"w":"k"`},
		"by offset":     {newOwn(200), "note.collection.list", `"w":"c"`, `"w":"r"`},
		"by its cursor": {newV3(200), "tasks.task.list", `"w":"k"`, `"w":"c"`},
	} {
		o := v3(row.method, "")
		place := read(t, row.p, o, 1).report.Cursor
		fields, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
		require.NoError(t, err)
		require.Contains(t, string(fields), row.from)
		o.Resume = scan.Seal(strings.Replace(string(fields[:len(fields)-4]), row.from, row.to, 1))
		before := len(row.p.requests)

		require.ErrorIs(t, read(t, row.p, o, 0).err, scan.ErrCursor, name)

		assert.Len(t, row.p.requests, before, name)
	}
}

// FuzzFollow reads pages with any cursor: it goes back as it came, or ends the list.
func FuzzFollow(f *testing.F) {
	for _, seed := range []string{`{"position":100,"id":42}`, `null`, `[]`, `"a\"b"`, ` 1`, `{"a":{"nextCursor":1}}`, `-0.0`, `[[]]`} {
		f.Add(seed, `{"pagination":{"limit":7}}`)
	}
	f.Add(`1`, `{"Pagination":{"AfterCursor":"x","limit":"3"},"a":[]}`)
	f.Add(`1`, `{"pagination":[]}`)
	f.Fuzz(func(t *testing.T, cursor, params string) {
		if !json.Valid([]byte(cursor)) || !json.Valid([]byte(params)) {
			t.Skip()
		}
		s := &script{results: []string{notes(cursor, 1), notes(`null`, 2)}}
		got := readScript(t, s, v3("note.collection.list", params))
		for _, call := range s.calls {
			if !json.Valid([]byte(call)) {
				t.Errorf("call %s", call)
			}
		}
		if len(s.calls) > 1 && !strings.Contains(s.calls[1], strings.TrimSpace(cursor)) {
			t.Errorf("cursor %s went back as %s", cursor, s.calls[1])
		}
		if got.err == nil && len(got.ids) != len(s.calls) || len(s.calls) > 2 {
			t.Errorf("%d rows of %d calls: %s", len(got.ids), len(s.calls), strconv.Quote(params))
		}
	})
}
